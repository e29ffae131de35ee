import type { ErrorCode } from '../protocol/error-code.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { FrameFlag, FrameKind, readU32 } from '../protocol/frame.ts';
import type { MessageId, NodeId } from '../protocol/ids.ts';
import { hopsMax, streamCreditBytes, streamsMax } from '../protocol/limits.ts';
import { writeMessageHead } from '../protocol/message-head.ts';
import type { ReceivedFrame } from '../protocol/received-frame.ts';
import { decodeReplyHead } from '../protocol/reply-head.ts';
import { decodeReset } from '../protocol/reset.ts';
import { Writer } from '../protocol/writer.ts';
import type { Clock } from '../runtime/clock.ts';
import { acceptStream } from './accept-stream.ts';
import type { Carrier, PeerLoss } from './carrier.ts';
import type { Chosen, InstanceTrack } from './chooser.ts';
import { createDeadlines } from './deadlines.ts';
import { wasNotExecuted } from './exchange.ts';
import type { OpenedStream, StreamEvents } from './mesh-stream.ts';
import type { Provisions } from './provisions.ts';
import { createStreamSide, type StreamSide } from './stream-side.ts';
import { createStreamWire } from './stream-wire.ts';

export interface StreamsOptions {
  readonly clock: Clock;
  readonly self: NodeId;
  readonly selfName: string;
  readonly carrier: Carrier;
  readonly provisions: Provisions;
  readonly newMessageId: () => MessageId;
}

/** What a stream is opened with. */
export interface StreamRequest {
  readonly service: string;
  readonly nodePart: string;
  readonly command: string;
  readonly body: Uint8Array;
  readonly idempotent: boolean;
  /** Until the accept; Infinity for none. */
  readonly deadlineMs: number;
  readonly fromService: string;
}

/** All streams that begin or end at this node. */
export interface StreamTable {
  /** Undefined: nothing could be sent to that node; nothing is told to `events`. */
  open(chosen: Chosen, request: StreamRequest, events: StreamEvents): OpenedStream | undefined;
  /** Takes open, accept, data, credit and reset. Returns a fault when the frame is malformed. */
  onFrame(peer: NodeId, frame: ReceivedFrame): string | undefined;
  onDrain(peer: NodeId): void;
  onPeerUp(peer: NodeId): void;
  onPeerLost(peer: NodeId, loss: PeerLoss): void;
  readonly count: number;
  stop(): void;
}

/** A stream this node opened. */
interface Opened {
  readonly peer: NodeId;
  readonly track: InstanceTrack;
  readonly events: StreamEvents;
  readonly side: StreamSide;
  readonly deadlineAt: number;
  readonly instance: { readonly service: string; readonly node: string };
  written: boolean;
  ready: boolean;
  accepted: boolean;
  notBegun: boolean;
}

/** A stream opened to this node. */
export interface Accepted {
  readonly side: StreamSide;
}

export function createStreamTable(options: StreamsOptions): StreamTable {
  const { clock, self, carrier } = options;
  const opened = new Map<number, Opened>();
  const accepted = new Map<NodeId, Map<number, Accepted>>();
  let acceptedCount = 0;
  const writer = new Writer();
  let lastCorrelation = 0;
  const deadlines = createDeadlines(clock, (key) => {
    const stream = opened.get(key);
    if (stream === undefined || stream.accepted || stream.deadlineAt > clock.now()) return;
    stream.side.reset('deadline', 'not accepted in time');
    stream.events.onReset('deadline', 'not accepted in time');
  });

  function nextCorrelation(): number {
    do lastCorrelation = (lastCorrelation + 1) >>> 0;
    while (lastCorrelation === 0 || opened.has(lastCorrelation));
    return lastCorrelation;
  }

  function sendOpen(chosen: Chosen, request: StreamRequest, correlation: number) {
    writer.reset();
    writeMessageHead(writer, {
      id: options.newMessageId(),
      bodyKind: request.body.length > 0 ? 'bytes' : 'none',
      attempt: 0,
      service: request.service,
      node: request.nodePart,
      command: request.command,
      fromService: request.fromService,
      fromNode: options.selfName,
      params: {},
    });
    const flags = request.idempotent ? FrameFlag.idempotent : 0;
    const { deadlineMs } = request;
    const fields = { kind: FrameKind.open, flags, hops: hopsMax, to: chosen.node, from: self, correlation, deadlineMs };
    return carrier.send(chosen.node, fields, writer.view(), request.body);
  }

  function open(chosen: Chosen, request: StreamRequest, events: StreamEvents): OpenedStream | undefined {
    if (opened.size >= streamsMax) throw new FogataError('busy', `${streamsMax} streams are open`);
    const correlation = nextCorrelation();
    const result = sendOpen(chosen, request, correlation);
    if (result === 'busy' || result === 'unreachable') return undefined;
    chosen.track.inFlight += 1;
    const over = () => {
      opened.delete(correlation);
      chosen.track.inFlight -= 1;
    };
    const wire = createStreamWire(carrier, { peer: chosen.node, from: self, correlation, flags: 0, over });
    const side = createStreamSide(wire, events, 0);
    const stream: Opened = {
      peer: chosen.node,
      track: chosen.track,
      events,
      side,
      deadlineAt: clock.now() + request.deadlineMs,
      instance: { service: request.service, node: chosen.name },
      written: result !== 'held',
      ready: false,
      accepted: false,
      notBegun: false,
    };
    side.expect(streamCreditBytes);
    opened.set(correlation, stream);
    if (stream.deadlineAt !== Number.POSITIVE_INFINITY) deadlines.add(correlation, stream.deadlineAt);
    return {
      get begun() {
        return stream.written && !stream.notBegun;
      },
      write: side.write,
      end: side.end,
      reset: side.reset,
      consumed: side.consumed,
    };
  }

  function onAccept(stream: Opened, frame: ReceivedFrame): string | undefined {
    const decoded = decodeReplyHead(frame.bytes, frame.start, frame.end);
    if (!decoded.ok) return `bad accept: ${decoded.reason}`;
    if (stream.accepted) return 'a second accept';
    stream.accepted = true;
    const { head, bodyStart } = decoded;
    const body = frame.bytes.slice(bodyStart, frame.end);
    stream.events.onAccept({ params: head.params, bodyKind: head.bodyKind, body }, stream.instance);
    return undefined;
  }

  function onCredit(stream: Opened | undefined, side: StreamSide, frame: ReceivedFrame): string | undefined {
    if (frame.end - frame.start !== 4) return 'bad credit';
    if (stream !== undefined && !stream.ready) {
      stream.ready = true;
      stream.events.onReady();
    }
    side.onCredit(readU32(frame.bytes, frame.start));
    return undefined;
  }

  function onReset(stream: Opened | undefined, side: StreamSide, frame: ReceivedFrame): string | undefined {
    const decoded = decodeReset(frame.bytes, frame.start, frame.end);
    if (!decoded.ok) return `bad reset: ${decoded.reason}`;
    const code: ErrorCode = decoded.value.code;
    if (stream !== undefined && !stream.accepted && wasNotExecuted(code)) stream.notBegun = true;
    if (stream !== undefined && (code === 'unreachable' || code === 'link-lost')) stream.track.failedAt = clock.now();
    side.onReset(code, decoded.value.text);
    return undefined;
  }

  function onOpen(peer: NodeId, frame: ReceivedFrame): string | undefined {
    const ofPeer = accepted.get(peer) ?? new Map<number, Accepted>();
    if (ofPeer.has(frame.correlation)) return 'a correlation that is in use';
    const { correlation } = frame;
    const over = () => {
      if (!ofPeer.delete(correlation)) return;
      acceptedCount -= 1;
      if (ofPeer.size === 0) accepted.delete(peer);
    };
    const register = (side: StreamSide) => {
      accepted.set(peer, ofPeer);
      ofPeer.set(correlation, { side });
      acceptedCount += 1;
    };
    const full = ofPeer.size >= streamsMax;
    return acceptStream({ ...options, peer, frame, full, register, over });
  }

  return {
    open,
    onFrame(peer, frame) {
      if (frame.kind === FrameKind.open) return onOpen(peer, frame);
      const back = frame.kind === FrameKind.accept || (frame.flags & FrameFlag.back) !== 0;
      const mine = back ? opened.get(frame.correlation) : undefined;
      const stream = mine?.peer === peer ? mine : undefined;
      const side = back ? stream?.side : accepted.get(peer)?.get(frame.correlation)?.side;
      // Frames of a stream that was reset meanwhile are expected.
      if (side === undefined) return undefined;
      if (frame.kind === FrameKind.accept) return onAccept(stream as Opened, frame);
      if (frame.kind === FrameKind.credit) return onCredit(stream, side, frame);
      if (frame.kind === FrameKind.reset) return onReset(stream, side, frame);
      const end = (frame.flags & FrameFlag.end) !== 0;
      if (stream !== undefined && !stream.accepted) return 'data before the accept';
      side.onData(frame.bytes.subarray(frame.start, frame.end), end);
      return undefined;
    },
    onDrain(peer) {
      for (const stream of [...opened.values()]) if (stream.peer === peer) stream.side.onLinkDrain();
      for (const stream of [...(accepted.get(peer)?.values() ?? [])]) stream.side.onLinkDrain();
    },
    onPeerUp(peer) {
      for (const stream of opened.values()) if (stream.peer === peer) stream.written = true;
    },
    onPeerLost(peer, loss) {
      for (const stream of [...opened.values()]) {
        if (stream.peer !== peer) continue;
        if (!loss.reached || !stream.written) stream.notBegun = true;
        stream.track.failedAt = clock.now();
        stream.side.onReset(stream.notBegun ? 'unreachable' : 'link-lost', loss.text);
      }
      for (const stream of [...(accepted.get(peer)?.values() ?? [])]) stream.side.onReset('link-lost', loss.text);
    },
    get count() {
      return opened.size + acceptedCount;
    },
    stop() {
      deadlines.stop();
      for (const stream of [...opened.values()]) {
        stream.side.reset('closed', 'this node is closing');
        stream.events.onReset('closed', 'this node is closing');
      }
      for (const ofPeer of [...accepted.values()]) {
        for (const stream of [...ofPeer.values()]) stream.side.reset('closed', 'this node is closing');
      }
    },
  };
}
