import type { ErrorCode } from '../protocol/error-code.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { FrameFlag, FrameKind } from '../protocol/frame.ts';
import { type NodeId, noNode } from '../protocol/ids.ts';
import { bodyBytesMax, hopsMax, streamCreditBytes } from '../protocol/limits.ts';
import { decodeMessageHead, type MessageHead } from '../protocol/message-head.ts';
import type { ReceivedFrame } from '../protocol/received-frame.ts';
import { writeReplyHead } from '../protocol/reply-head.ts';
import { Writer } from '../protocol/writer.ts';
import type { Carrier } from './carrier.ts';
import type { AcceptedStream, StreamEvents, StreamHead } from './mesh-stream.ts';
import { guardedEvents, type OnOwnerFault } from './owner-fault.ts';
import type { ProvisionState, Provisions } from './provisions.ts';
import { createStreamSide, type StreamSide } from './stream-side.ts';
import { createStreamWire } from './stream-wire.ts';
import type { ReplyAuthor } from './write-reply.ts';

export interface AcceptStreamOptions {
  readonly self: NodeId;
  readonly selfName: string;
  readonly carrier: Carrier;
  readonly provisions: Provisions;
  readonly peer: NodeId;
  readonly frame: ReceivedFrame;
  /** The peer has as many streams open as it may. */
  readonly full: boolean;
  readonly register: (side: StreamSide) => void;
  readonly over: () => void;
  readonly onOwnerFault: OnOwnerFault;
}

/** Takes an open frame: hands it to a provider, or resets it with the reason. Returns a fault when it is malformed. */
export function acceptStream(options: AcceptStreamOptions): string | undefined {
  const { self, carrier, peer, frame, provisions } = options;
  const decoded = decodeMessageHead(frame.bytes, frame.start, frame.end);
  if (!decoded.ok) return `bad open: ${decoded.reason}`;
  const { head } = decoded;
  const wireOptions = { peer, from: frame.from, correlation: frame.correlation, flags: FrameFlag.back };
  const provision = provisions.pick(head.service, 'http');
  const refused = refusalOf(options, provision, head, frame.to === self || frame.to === noNode);
  if (refused !== undefined || provision === undefined || provision.provider.open === undefined) {
    const { code, reason } = refused ?? {
      code: 'unknown-command' as const,
      reason: `${head.service} takes no streams`,
    };
    createStreamWire(carrier, { ...wireOptions, over() {} }).reset(code, reason);
    return undefined;
  }
  const over = () => {
    options.over();
    provisions.release(provision);
  };
  provision.inFlight += 1;
  const wire = createStreamWire(carrier, { ...wireOptions, over });
  // The provider's events are known only after it was given the stream; a loss before that is told then.
  const late: LateEvents = { events: undefined, loss: undefined };
  const side: StreamSide = createStreamSide(wire, forward(late), 0);
  options.register(side);
  const body = frame.bytes.slice(decoded.bodyStart, frame.end);
  const onThrown = (error: unknown) => {
    options.onOwnerFault(`the provider of ${head.service}`, error);
    side.reset('failed', 'the provider threw');
  };
  try {
    late.events = guardedEvents(provision.provider.open(streamFor(options, side, head, body)), onThrown);
    if (late.loss !== undefined) late.events.onReset(late.loss.code, late.loss.reason);
  } catch (error) {
    onThrown(error);
  }
  return undefined;
}

function refusalOf(
  options: AcceptStreamOptions,
  provision: ProvisionState | undefined,
  head: MessageHead,
  forThisNode: boolean,
): { code: ErrorCode; reason: string } | undefined {
  const { selfName } = options;
  if (options.frame.deadlineMs <= 0) return { code: 'deadline', reason: 'the deadline passed on the way' };
  if (!forThisNode) return { code: 'unreachable', reason: 'this node does not pass streams on' };
  if (options.full) return { code: 'busy', reason: 'too many open streams' };
  if (provision === undefined)
    return { code: 'no-instance', reason: `${selfName} does not serve ${head.service} by streams` };
  if (provision.state === 'draining')
    return { code: 'draining', reason: `${head.service} on ${selfName} is being withdrawn` };
  if (provision.inFlight < provision.options.inFlightMax) return undefined;
  return { code: 'busy', reason: `${provision.inFlight} exchanges are in hand there` };
}

interface LateEvents {
  events: StreamEvents | undefined;
  loss: { readonly code: ErrorCode; readonly reason: string } | undefined;
}

/** Before the provider has given its events nothing can have come: frames of one link are handled one after the other. */
function forward(late: LateEvents): StreamEvents {
  return {
    onReady() {},
    onAccept() {},
    onData: (bytes) => late.events?.onData(bytes),
    onDrain: () => late.events?.onDrain(),
    onEnd: () => late.events?.onEnd(),
    onFinish: () => late.events?.onFinish(),
    onReset(code, reason) {
      if (late.events !== undefined) late.events.onReset(code, reason);
      else late.loss = { code, reason };
    },
  };
}

function streamFor(
  options: AcceptStreamOptions,
  side: StreamSide,
  head: MessageHead,
  body: Uint8Array,
): AcceptedStream {
  const { frame, peer, carrier, provisions, selfName } = options;
  // The frame is valid only during this call; its numbers are needed later.
  const { from, correlation } = frame;
  let granted = false;
  let answered = false;
  let endWanted = false;
  function ready(): void {
    if (granted) return;
    granted = true;
    side.grant(streamCreditBytes);
  }
  function accept(said: StreamHead): void {
    if (answered || side.isOver) return;
    answered = true;
    ready();
    const writer = new Writer();
    const author = { load: provisions.loadOf(head.service), service: head.service, node: selfName };
    const fault = writeAccept(writer, said, author);
    if (fault !== undefined) return side.abort(fault.code, fault.message);
    const fields = {
      kind: FrameKind.accept,
      flags: FrameFlag.back,
      hops: hopsMax,
      to: peer,
      from,
      correlation,
      deadlineMs: Number.POSITIVE_INFINITY,
    };
    carrier.send(peer, fields, writer.view(), said.bodyKind === 'none' ? undefined : said.body);
    // [F8] What was written before waits for this.
    side.onCredit(streamCreditBytes);
    if (endWanted) side.end();
  }
  return {
    head,
    body,
    idempotent: (frame.flags & FrameFlag.idempotent) !== 0,
    deadlineMs: frame.deadlineMs,
    write: (bytes) => (endWanted ? true : side.write(bytes)),
    end() {
      endWanted = true;
      if (answered) side.end();
    },
    reset: side.reset,
    consumed: side.consumed,
    ready,
    accept,
  };
}

/** Writes the head of an accept, or tells why that cannot be sent. */
function writeAccept(writer: Writer, said: StreamHead, author: ReplyAuthor): FogataError | undefined {
  try {
    if (said.body.length > bodyBytesMax) throw new FogataError('too-large', 'the answer to the open is too large');
    const { bodyKind, params } = said;
    writeReplyHead(writer, { outcome: 'answered', code: undefined, bodyKind, reason: '', params, ...author });
    return undefined;
  } catch (error) {
    return FogataError.from(error);
  }
}
