import { type FrameFields, FrameKind, isIgnoredKind } from '../protocol/frame.ts';
import { createFrameParser } from '../protocol/frame-parser.ts';
import { decodeGoaway, type GoawayReason, writeGoaway } from '../protocol/goaway.ts';
import { decodeHello, type Hello, writeHello } from '../protocol/hello.ts';
import { noNode } from '../protocol/ids.ts';
import { linkMarkBytes } from '../protocol/limits.ts';
import type { ReceivedFrame } from '../protocol/received-frame.ts';
import { commonVersion } from '../protocol/version.ts';
import { Writer } from '../protocol/writer.ts';
import type { Clock, Timer } from '../runtime/clock.ts';
import type { ByteStream } from '../runtime/streams.ts';
import { createBulkLane, isBulk } from './bulk-lane.ts';
import type { FrameLink, FrameLinkEvents, LinkLoss } from './frame-link.ts';
import { createFrameQueue } from './frame-queue.ts';
import { createKeepAlive, type KeepAliveTiming } from './keep-alive.ts';
import { createTransitWatch, isTimed } from './transit-watch.ts';

export interface FrameLinkOptions {
  readonly clock: Clock;
  /** What this side says of itself. */
  readonly hello: Hello;
  /** The dialler speaks first ([F1]). */
  readonly role: 'dialler' | 'acceptor';
  readonly keepAlive: KeepAliveTiming;
  /** From the start to the other side's hello; covers the dial. */
  readonly openTimeoutMs: number;
  /** Judges the other side's hello. A string refuses it: goaway with that reason. Called before the acceptor's own hello. */
  readonly admit: (peer: Hello) => LinkRefusal | undefined;
}

/** Why an acceptor wants no link with who has just said hello. */
export interface LinkRefusal {
  readonly reason: GoawayReason;
  readonly text: string;
}

const linkFrame: Omit<FrameFields, 'kind' | 'correlation'> = {
  flags: 0,
  hops: 0,
  to: noNode,
  from: noNode,
  deadlineMs: Number.POSITIVE_INFINITY,
};

/** Makes a link of `stream`, which must not have been started. */
export function createFrameLink(stream: ByteStream, options: FrameLinkOptions, events: FrameLinkEvents): FrameLink {
  let peer: Hello | undefined;
  let loss: LinkLoss | undefined;
  let ended = false;
  let closed = false;
  let told = false;
  let pressed = false;
  let linger: Timer | undefined;
  let peerEnded = false;
  /** The number of the last ping that is not answered yet. */
  let owedPong: number | undefined;
  /** When the bytes at hand came. */
  let readAt = 0;
  const queue = createFrameQueue(stream);
  const lane = createBulkLane({ clock: options.clock, queue, stream, ping, onRoom: () => events.onDrain() });
  const silent = (ms: number) => fail({ kind: 'silent', text: `nothing heard for ${Math.round(ms)} ms` });
  const keepAlive = createKeepAlive(options.clock, options.keepAlive, { ping: () => ping(0), silent });
  const parser = createFrameParser();
  const transit = createTransitWatch(options.clock);

  function sendControl(kind: FrameKind, rest: Uint8Array | undefined, correlation = 0): void {
    if (ended || closed) return;
    const { flags, hops, to, from, deadlineMs } = linkFrame;
    queue.push({ kind, flags, hops, to, from, correlation, deadlineMs }, rest, undefined);
  }

  function ping(number: number): void {
    stamp(options.clock.now());
    sendControl(FrameKind.ping, undefined, number);
  }

  function sendHello(): void {
    const writer = new Writer(256);
    writeHello(writer, options.hello);
    sendControl(FrameKind.hello, writer.view());
  }

  function tellClosed(): void {
    if (told) return;
    told = true;
    openTimer.cancel();
    keepAlive.stop();
    events.onClose(loss);
  }

  /** The owner learns of it at once, so that it sends nothing more into a link that is no more. */
  function fail(why: LinkLoss): void {
    loss ??= why;
    stream.destroy();
    tellClosed();
  }

  function goaway(reason: GoawayReason, text: string): void {
    if (closed || ended) return;
    lane.release();
    const writer = new Writer(256);
    writeGoaway(writer, { reason, text });
    sendControl(FrameKind.goaway, writer.view());
    queue.flush();
    ended = true;
    stream.end();
    // What the other side still sends is of no interest; the goaway is on its way.
    linger ??= options.clock.schedule(lingerMs, () => stream.destroy());
  }

  function refuse(reason: GoawayReason, text: string): void {
    loss ??= { kind: reason, text };
    if (ended) stream.destroy();
    else goaway(reason, text);
    tellClosed();
  }

  function onHello(frame: ReceivedFrame): void {
    const decoded = decodeHello(frame.bytes, frame.start, frame.end);
    if (!decoded.ok) return refuse('protocol', `bad hello: ${decoded.reason}`);
    const hello = decoded.value;
    if (commonVersion(options.hello, hello) === undefined) {
      const text = `speaks versions ${hello.versionOldest} to ${hello.versionNewest}`;
      return refuse('incompatible', text);
    }
    const refusal = options.admit(hello);
    if (refusal !== undefined) return refuse(refusal.reason, refusal.text);
    if (options.role === 'acceptor') sendHello();
    openTimer.cancel();
    peer = hello;
    keepAlive.start();
    stamp(options.clock.now());
    events.onOpen(hello);
  }

  function onFrame(frame: ReceivedFrame): void {
    // After its own goaway this side is done with what the other one says.
    if (closed || loss !== undefined || linger !== undefined) return;
    if (frame.kind === FrameKind.goaway) {
      const decoded = decodeGoaway(frame.bytes, frame.start, frame.end);
      return fail(
        decoded.ok
          ? { kind: decoded.value.reason, text: decoded.value.text }
          : { kind: 'protocol', text: 'bad goaway' },
      );
    }
    if (peer === undefined) {
      if (frame.kind === FrameKind.hello) return onHello(frame);
      return refuse('protocol', 'the first frame is not a hello');
    }
    if (frame.kind === FrameKind.ping) {
      // One without a number asks only whether we live, and any answer tells.
      if (frame.correlation !== 0) owedPong = frame.correlation;
      return answerPing(owedPong ?? 0);
    }
    if (frame.kind === FrameKind.clock) return transit.heard(frame.correlation);
    if (frame.kind === FrameKind.pong) return lane.passed(frame.correlation);
    if (isIgnoredKind(frame.kind)) return;
    if (frame.kind === FrameKind.hello) return refuse('protocol', 'a second hello');
    if (frame.kind !== FrameKind.sync) keepAlive.work();
    if (isMessage(frame.kind)) lane.noteMessage();
    frame.readAt = readAt;
    const fault = events.onFrame(transit.timely(frame));
    if (fault !== undefined) refuse('protocol', fault);
  }

  /** [F16] Who has so much to read needs no pong to know that we live; who reads nothing must not fill our memory with them. */
  function answerPing(number: number): void {
    if (queue.queuedBytes() > linkMarkBytes) return;
    sendControl(FrameKind.pong, undefined, number);
    owedPong = undefined;
  }

  /** [F13] */
  function stamp(now: number): void {
    const ms = peer === undefined ? undefined : transit.stamp(now);
    if (ms !== undefined) sendControl(FrameKind.clock, undefined, ms);
  }

  function onData(bytes: Uint8Array): void {
    if (loss !== undefined) return;
    readAt = options.clock.now();
    keepAlive.heard(readAt);
    const fault = parser.push(bytes, onFrame);
    if (fault !== undefined) refuse('protocol', fault);
  }

  function onDrain(): void {
    if (owedPong !== undefined) answerPing(owedPong);
    if (!pressed || closed || loss !== undefined) return;
    pressed = false;
    events.onDrain();
  }

  function onEnd(): void {
    peerEnded = true;
    keepAlive.stop();
    if (peer === undefined) fail({ kind: 'unreachable', text: 'closed before its hello' });
    else if (!closed && loss === undefined) events.onEnd();
  }

  function onClose(error: Error | undefined): void {
    if (closed) return;
    closed = true;
    linger?.cancel();
    queue.drop();
    lane.drop();
    const inOrder = error === undefined && peerEnded && ended;
    if (peer === undefined) loss ??= { kind: 'unreachable', text: error?.message ?? 'closed before its hello' };
    else if (!inOrder) loss ??= { kind: 'lost', text: error?.message ?? 'closed by the other side' };
    tellClosed();
  }

  if (options.role === 'dialler') sendHello();
  const openTimer = options.clock.schedule(options.openTimeoutMs, () => {
    if (peer === undefined) fail({ kind: 'unreachable', text: `no hello within ${options.openTimeoutMs} ms` });
  });
  stream.start({ onConnect() {}, onData, onDrain, onEnd, onClose });

  return {
    peer: () => peer,
    queuedBytes: queue.queuedBytes,
    bulkBytes: lane.waitingBytes,
    send(fields, head, body) {
      if (ended || closed || loss !== undefined) return true;
      if (isBulk(fields.kind)) {
        keepAlive.work();
        return lane.push(fields, head, body);
      }
      if (isTimed(fields)) stamp(fields.reckonedAt ?? options.clock.now());
      if (isMessage(fields.kind)) lane.noteMessage();
      else if (fields.kind === FrameKind.open) lane.noteOpen();
      queue.push(fields, head, body);
      if (fields.kind !== FrameKind.sync) keepAlive.work();
      if (queue.queuedBytes() <= linkMarkBytes) return true;
      pressed = true;
      return false;
    },
    sendFrames(frames, now) {
      if (ended || closed || loss !== undefined) return true;
      stamp(now);
      lane.noteMessage();
      queue.pushFrames(frames);
      keepAlive.work();
      if (queue.queuedBytes() <= linkMarkBytes) return true;
      pressed = true;
      return false;
    },
    end() {
      if (ended || closed) return;
      lane.release();
      queue.flush();
      ended = true;
      stream.end();
    },
    goaway,
    verify: keepAlive.verify,
    pause() {
      keepAlive.suspend();
      stream.pause();
    },
    resume() {
      keepAlive.resume();
      stream.resume();
    },
    destroy() {
      loss ??= { kind: 'lost', text: 'given up by this side' };
      stream.destroy();
    },
  };
}

/** Somebody waits for it. */
function isMessage(kind: number): boolean {
  return kind === FrameKind.message || kind === FrameKind.reply || kind === FrameKind.run;
}

/** How long the other side may take to read why. */
const lingerMs = 500;
