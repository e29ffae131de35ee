import type { BodyKind } from '../protocol/body.ts';
import { ByteCopies } from '../protocol/byte-copies.ts';
import type { ErrorCode } from '../protocol/error-code.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { FrameFlag, FrameKind, readU32 } from '../protocol/frame.ts';
import type { MessageId, NodeId } from '../protocol/ids.ts';
import { bodyBytesMax, hopsMax, streamCreditBytes, streamsMax } from '../protocol/limits.ts';
import { writeMessageHead } from '../protocol/message-head.ts';
import type { ReceivedFrame } from '../protocol/received-frame.ts';
import { decodeReplyHead } from '../protocol/reply-head.ts';
import { decodeReset } from '../protocol/reset.ts';
import { Writer } from '../protocol/writer.ts';
import type { Clock } from '../runtime/clock.ts';
import type { AttemptEnd } from '../selection/instance-track.ts';
import { acceptStream } from './accept-stream.ts';
import { endOfReset } from './attempt-end.ts';
import { createByPeer } from './by-peer.ts';
import type { Carrier, CarryResult, PeerLoss } from './carrier.ts';
import type { Chosen } from './chooser.ts';
import { CorrelationTable } from './correlation-table.ts';
import { wasNotExecuted } from './exchange.ts';
import type { OpenedStream, StreamEvents } from './mesh-stream.ts';
import { type Opened, openedStream } from './opened-stream.ts';
import { guardedEvents, type OnOwnerFault } from './owner-fault.ts';
import type { StreamReceiver } from './stream-receiver.ts';
import { createStreamSide, type StreamSide } from './stream-side.ts';
import { createStreamWire } from './stream-wire.ts';
import { createSweep, lookThrough } from './sweep.ts';
import { createWaitingSides } from './waiting-sides.ts';
import { createWindowBudgets } from './window-budget.ts';

export interface StreamsOptions {
  readonly clock: Clock;
  readonly self: NodeId;
  readonly selfName: string;
  readonly carrier: Carrier;
  readonly receiver: StreamReceiver;
  readonly newMessageId: () => MessageId;
  readonly onOwnerFault: OnOwnerFault;
  /** An instance said how busy it is when it accepted. Undefined where nobody chooses by it. */
  readonly onLoad?: ((peer: NodeId, service: string, load: number) => void) | undefined;
  /** Of what the carrier was given for a peer so much may still be held by reference, the last of it. Undefined: not known. */
  readonly unwrittenBytes?: ((peer: NodeId) => number) | undefined;
}

/** What a stream is opened with. */
export interface StreamRequest {
  readonly service: string;
  readonly nodePart: string;
  readonly command: string;
  readonly params: Readonly<Record<string, string>>;
  readonly bodyKind: BodyKind;
  readonly body: Uint8Array;
  readonly idempotent: boolean;
  /** Until the accept; Infinity for none. */
  readonly deadlineMs: number;
  readonly fromService: string;
  /** Of the open, and whose it is, where it is passed on; undefined: a new one of this node. */
  readonly id?: MessageId | undefined;
  readonly fromNode?: string | undefined;
  /** Not the first attempt at this work. */
  readonly again: boolean;
  /** The opener writes nothing: its end goes with the open. */
  readonly isEnded?: boolean | undefined;
}

export type StreamOpening =
  | { readonly ok: true; readonly stream: OpenedStream }
  | { readonly ok: false; readonly code: ErrorCode; readonly reason: string };

/** All streams that begin or end at this node. */
export interface StreamTable {
  /** Never throws. When it fails nothing is told to `events`; `busy` and `unreachable` concern that node only. */
  open(chosen: Chosen, request: StreamRequest, events: StreamEvents): StreamOpening;
  /** Takes open, accept, data, credit and reset. Returns a fault when the frame is malformed. */
  onFrame(peer: NodeId, frame: ReceivedFrame): string | undefined;
  onDrain(peer: NodeId): void;
  onPeerUp(peer: NodeId): void;
  onPeerLost(peer: NodeId, loss: PeerLoss): void;
  count(): number;
  /** Breaks off all of them, and tells their owners. From now on none begins. */
  stop(): void;
}

export function createStreamTable(options: StreamsOptions): StreamTable {
  const { clock, self, carrier } = options;
  const opened = createByPeer<Opened>();
  const accepted = createByPeer<StreamSide>();
  /**
   * Opened streams with a deadline, until they are accepted or over. No Map: one that V8 has made larger points to the next, so
   * that once it has lived long all later ones do, with all that is in them.
   */
  const awaited = new CorrelationTable<Opened>();
  const waiting = createWaitingSides();
  const budgets = createWindowBudgets();
  const writer = new Writer();
  const copies = new ByteCopies();
  const { selfName, receiver, onOwnerFault, unwrittenBytes } = options;
  const taking = { self, selfName, carrier, receiver, onOwnerFault, unwrittenBytes, writer, copies };
  let stopped = false;
  const sweep = createSweep(clock, (now) => lookThrough(awaited.values(), now, expire));

  function hear(stream: Opened, how: AttemptEnd): void {
    if (stream.heard) return;
    stream.heard = true;
    const now = clock.now();
    stream.track.hear(now, now - stream.openedAt, how);
  }

  function expire(stream: Opened): void {
    hear(stream, 'expired');
    stream.side.abort('deadline', 'not accepted in time');
  }

  function nextCorrelation(peer: NodeId): number {
    let next = awaited.next();
    while (opened.get(peer, next) !== undefined) next = awaited.next();
    return next;
  }

  function sendOpen(chosen: Chosen, request: StreamRequest, correlation: number) {
    writer.reset();
    writeMessageHead(writer, {
      id: request.id ?? options.newMessageId(),
      bodyKind: request.bodyKind,
      attempt: 0,
      service: request.service,
      node: request.nodePart,
      command: request.command,
      fromService: request.fromService,
      fromNode: request.fromNode ?? options.selfName,
      params: request.params,
    });
    const flags = (request.idempotent ? FrameFlag.idempotent : 0) | (request.isEnded === true ? FrameFlag.end : 0);
    const { deadlineMs } = request;
    const fields = { kind: FrameKind.open, flags, hops: hopsMax, to: chosen.node, from: self, correlation, deadlineMs };
    return carrier.send(chosen.node, fields, writer.view(), request.body);
  }

  function open(chosen: Chosen, request: StreamRequest, events: StreamEvents): StreamOpening {
    const peer = chosen.node;
    if (stopped) return { ok: false, code: 'closed', reason: 'this node is closed' };
    if (opened.countOf(peer) >= streamsMax)
      return { ok: false, code: 'busy', reason: `${streamsMax} streams are open` };
    if (request.body.length > bodyBytesMax) {
      return { ok: false, code: 'too-large', reason: `an open carries at most ${bodyBytesMax} bytes` };
    }
    const correlation = nextCorrelation(peer);
    let result: CarryResult;
    try {
      result = sendOpen(chosen, request, correlation);
    } catch (error) {
      const { code, message } = FogataError.from(error);
      return { ok: false, code, reason: message };
    }
    if (result === 'busy') return { ok: false, code: result, reason: 'too much is queued for this node' };
    if (result === 'unreachable') return { ok: false, code: result, reason: 'no link to this node' };
    const openedAt = clock.now();
    chosen.track.begin(openedAt);
    if (!request.again) chosen.budget.note(openedAt);
    const over = () => {
      awaited.delete(correlation);
      opened.delete(peer, correlation);
      hear(stream, 'cancelled');
      chosen.track.release();
    };
    const guarded = guardedEvents(events, (error) => {
      options.onOwnerFault('the owner of a stream', error);
      stream.side.reset('failed', 'the program that opened it threw');
    });
    const wire = createStreamWire(carrier, {
      peer,
      from: self,
      correlation,
      flags: 0,
      wait: () => waiting.add(peer, stream.side),
      over,
    });
    const stream: Opened = {
      track: chosen.track,
      events: guarded,
      side: createStreamSide(wire, guarded, budgets.of(peer), request.isEnded === true),
      deadlineAt: openedAt + request.deadlineMs,
      openedAt,
      heard: false,
      isFault: false,
      instance: { service: request.service, node: chosen.name },
      written: result !== 'held',
      ready: false,
      accepted: false,
      notBegun: false,
    };
    stream.side.expect(streamCreditBytes);
    opened.set(peer, correlation, stream);
    if (stream.deadlineAt !== Number.POSITIVE_INFINITY) {
      awaited.set(correlation, stream);
      sweep.by(stream.deadlineAt);
    }
    return { ok: true, stream: openedStream(stream, () => unwrittenBytes?.(peer) ?? Number.POSITIVE_INFINITY) };
  }

  function reach(stream: Opened): void {
    if (stream.ready) return;
    stream.ready = true;
    stream.events.onReady();
  }

  function onAccept(peer: NodeId, stream: Opened, frame: ReceivedFrame): string | undefined {
    const decoded = decodeReplyHead(frame.bytes, frame.start, frame.end);
    if (!decoded.ok) return `bad accept: ${decoded.reason}`;
    if (stream.accepted) return 'a second accept';
    stream.accepted = true;
    awaited.delete(frame.correlation);
    reach(stream);
    if (stream.side.isOver()) return undefined;
    const { head, bodyStart } = decoded;
    if (head.load !== undefined) options.onLoad?.(peer, stream.instance.service, head.load);
    const body = copies.take(frame.bytes, bodyStart, frame.end);
    // Only who chose it knows an instance's name; on a program's link that is the agent.
    const instance = stream.instance.node === '' ? { service: head.service, node: head.node } : stream.instance;
    stream.events.onAccept({ params: head.params, bodyKind: head.bodyKind, body }, instance);
    hear(stream, stream.isFault ? 'failed' : 'answered');
    return undefined;
  }

  function onCredit(stream: Opened | undefined, side: StreamSide, frame: ReceivedFrame): string | undefined {
    if (frame.end - frame.start !== 4) return 'bad credit';
    if (stream !== undefined) reach(stream);
    side.onCredit(readU32(frame.bytes, frame.start));
    return undefined;
  }

  function onReset(stream: Opened | undefined, side: StreamSide, frame: ReceivedFrame): string | undefined {
    const decoded = decodeReset(frame.bytes, frame.start, frame.end);
    if (!decoded.ok) return `bad reset: ${decoded.reason}`;
    const code: ErrorCode = decoded.value.code;
    // A program that was reached may have begun, whatever it says later.
    if (stream !== undefined && !stream.ready && !stream.accepted && wasNotExecuted(code)) stream.notBegun = true;
    if (stream !== undefined && !stream.accepted) hear(stream, endOfReset(code));
    side.onReset(code, decoded.value.text);
    return undefined;
  }

  function onOpen(peer: NodeId, frame: ReceivedFrame): string | undefined {
    const { correlation } = frame;
    if (accepted.get(peer, correlation) !== undefined) return 'an open under a correlation that is in use';
    const over = () => accepted.delete(peer, correlation);
    const register = (side: StreamSide) => accepted.set(peer, correlation, side);
    const full = accepted.countOf(peer) >= streamsMax;
    const wait = (side: StreamSide) => waiting.add(peer, side);
    return acceptStream(taking, { peer, frame, full, budget: budgets.of(peer), register, wait, over });
  }

  function onFrame(peer: NodeId, frame: ReceivedFrame): string | undefined {
    if (stopped) return undefined;
    if (frame.kind === FrameKind.open) return onOpen(peer, frame);
    const back = frame.kind === FrameKind.accept || (frame.flags & FrameFlag.back) !== 0;
    const stream = back ? opened.get(peer, frame.correlation) : undefined;
    const side = back ? stream?.side : accepted.get(peer, frame.correlation);
    // Frames of a stream that was reset meanwhile are expected.
    if (side === undefined) return undefined;
    if (frame.kind === FrameKind.accept) return onAccept(peer, stream as Opened, frame);
    if (frame.kind === FrameKind.credit) return onCredit(stream, side, frame);
    if (frame.kind === FrameKind.reset) return onReset(stream, side, frame);
    if (stream !== undefined && !stream.accepted) return 'data before the accept';
    side.onData(frame.bytes.subarray(frame.start, frame.end), (frame.flags & FrameFlag.end) !== 0);
    return undefined;
  }

  return {
    open,
    onFrame,
    onDrain: (peer) => waiting.drain(peer),
    onPeerUp(peer) {
      for (const stream of opened.of(peer)) stream.written = true;
    },
    onPeerLost(peer, loss) {
      waiting.forget(peer);
      budgets.forget(peer);
      for (const stream of opened.of(peer)) {
        if (!loss.reached || !stream.written) stream.notBegun = true;
        // Also of one that was accepted: the way there is gone.
        stream.heard = false;
        hear(stream, 'unreachable');
        stream.side.onReset(stream.notBegun ? 'unreachable' : 'link-lost', loss.text);
      }
      for (const side of accepted.of(peer)) side.onReset('link-lost', loss.text);
    },
    count: () => opened.count + accepted.count,
    stop() {
      stopped = true;
      sweep.stop();
      for (const { side } of opened.all()) side.abort('closed', 'this node is closing');
      for (const side of accepted.all()) side.abort('closed', 'this node is closing');
    },
  };
}
