import type { ByteCopies } from '../protocol/byte-copies.ts';
import type { ErrorCode } from '../protocol/error-code.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { FrameFlag, FrameKind } from '../protocol/frame.ts';
import { type NodeId, noNode } from '../protocol/ids.ts';
import { bodyBytesMax, hopsMax, streamCreditBytes } from '../protocol/limits.ts';
import { decodeMessageHead, type MessageHead } from '../protocol/message-head.ts';
import type { ReceivedFrame } from '../protocol/received-frame.ts';
import { writeReplyHead } from '../protocol/reply-head.ts';
import type { Writer } from '../protocol/writer.ts';
import type { Carrier } from './carrier.ts';
import type { AcceptedStream, StreamEvents, StreamHead, StreamInstance } from './mesh-stream.ts';
import { guardedEvents, type OnOwnerFault } from './owner-fault.ts';
import type { StreamReceiver, StreamTaker } from './stream-receiver.ts';
import { createStreamSide, type StreamSide } from './stream-side.ts';
import { createStreamWire } from './stream-wire.ts';
import type { WindowBudget } from './window-budget.ts';
import type { ReplyAuthor } from './write-reply.ts';

/** What all streams of a table are taken with. */
export interface StreamTaking {
  readonly self: NodeId;
  readonly selfName: string;
  readonly carrier: Carrier;
  readonly receiver: StreamReceiver;
  readonly onOwnerFault: OnOwnerFault;
  readonly unwrittenBytes: ((peer: NodeId) => number) | undefined;
  /** Written over for each head. */
  readonly writer: Writer;
  readonly copies: ByteCopies;
}

/** An open that has come. */
export interface ArrivedOpen {
  readonly peer: NodeId;
  readonly frame: ReceivedFrame;
  /** The peer has as many streams open as it may. */
  readonly full: boolean;
  readonly budget: WindowBudget;
  readonly register: (side: StreamSide) => void;
  /** The link has no room for more of it. */
  readonly wait: (side: StreamSide) => void;
  readonly over: () => void;
}

/** Takes an open frame: hands it to who takes it, or resets it with the reason. Returns a fault when it is malformed. */
export function acceptStream(taking: StreamTaking, open: ArrivedOpen): string | undefined {
  const { carrier, copies, onOwnerFault } = taking;
  const { peer, frame } = open;
  const decoded = decodeMessageHead(frame.bytes, frame.start, frame.end);
  if (!decoded.ok) return `bad open: ${decoded.reason}`;
  const { head } = decoded;
  const { from, correlation } = frame;
  const isEnded = hasEnd(frame);
  const taker = takerOf(taking, open, head);
  if (!taker.ok) {
    const refused = { peer, from, correlation, flags: FrameFlag.back, wait: () => undefined, over: () => undefined };
    createStreamWire(carrier, refused).reset(taker.code, taker.reason);
    return undefined;
  }
  const over = () => {
    open.over();
    taker.over();
  };
  const wire = createStreamWire(carrier, {
    peer,
    from,
    correlation,
    flags: FrameFlag.back,
    wait: () => open.wait(side),
    over,
  });
  // The owner's events are known only after it was given the stream; a loss before that is told then.
  const late: LateEvents = { events: undefined, loss: undefined };
  const side: StreamSide = createStreamSide(wire, forward(late), open.budget);
  open.register(side);
  const body = copies.take(frame.bytes, decoded.bodyStart, frame.end);
  const onThrown = (error: unknown) => {
    onOwnerFault(`the provider of ${head.service}`, error);
    side.reset('failed', 'the provider threw');
  };
  try {
    late.events = guardedEvents(taker.open(streamFor(taking, open, side, head, body)), onThrown);
    if (late.loss !== undefined) late.events.onReset(late.loss.code, late.loss.reason);
    if (isEnded) side.onData(noBytes, true);
  } catch (error) {
    onThrown(error);
  }
  return undefined;
}

function takerOf({ self, receiver }: StreamTaking, { frame, full }: ArrivedOpen, head: MessageHead): StreamTaker {
  if (frame.deadlineMs <= 0) return { ok: false, code: 'deadline', reason: 'the deadline passed on the way' };
  if (frame.to !== self && frame.to !== noNode) {
    return { ok: false, code: 'unreachable', reason: 'this node does not pass streams on' };
  }
  return full ? { ok: false, code: 'busy', reason: 'too many open streams' } : receiver.take(head);
}

/** The opener writes nothing. */
function hasEnd({ flags }: ReceivedFrame): boolean {
  return (flags & FrameFlag.end) !== 0;
}

const noBytes = new Uint8Array(0);

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
  taking: StreamTaking,
  open: ArrivedOpen,
  side: StreamSide,
  head: MessageHead,
  body: Uint8Array,
): AcceptedStream {
  const { carrier, receiver, selfName, writer } = taking;
  const { frame, peer } = open;
  // The frame is valid only during this call; its numbers are needed later.
  const { from, correlation } = frame;
  const isEnded = hasEnd(frame);
  let granted = false;
  let answered = false;
  let endWanted = false;
  function ready(): void {
    if (granted) return;
    granted = true;
    side.grant(streamCreditBytes);
  }
  function accept(said: StreamHead, instance?: StreamInstance): void {
    if (answered || side.isOver()) return;
    answered = true;
    // [F7] Who has ended needs no credit, and the accept says that the program is reached.
    if (!isEnded) ready();
    writer.reset();
    const { service, node } = instance ?? { service: head.service, node: selfName };
    const author = { load: receiver.loadOf(head.service), service, node };
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
    endWith(bytes) {
      if (endWanted) return;
      endWanted = true;
      if (answered) side.endWith(bytes);
      else side.write(bytes);
    },
    reset: side.reset,
    consumed: side.consumed,
    unwrittenBytes() {
      if (side.isOver()) return Number.POSITIVE_INFINITY;
      return side.queuedBytes() + (taking.unwrittenBytes?.(peer) ?? Number.POSITIVE_INFINITY);
    },
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
