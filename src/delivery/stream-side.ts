import type { ErrorCode } from '../protocol/error-code.ts';
import { dataBytesMax, streamCreditBytes } from '../protocol/limits.ts';
import type { CarryResult } from './carrier.ts';
import type { StreamEvents } from './mesh-stream.ts';

/** How one side of a stream speaks to the other. */
export interface StreamWire {
  data(bytes: Uint8Array | undefined, end: boolean): CarryResult;
  credit(bytes: number): void;
  reset(code: ErrorCode, reason: string): void;
  /** The stream is over, either way: its place in the table is free. */
  over(): void;
}

/** One side of a stream: flow control, half-close, and exactly one end ([F7] to [F9]). */
export interface StreamSide {
  write(bytes: Uint8Array): boolean;
  end(): void;
  reset(code: ErrorCode, reason: string): void;
  consumed(count: number): void;
  /** The other side may send so many bytes without being told (the window an open grants). */
  expect(bytes: number): void;
  /** Lets the other side send so many bytes more. */
  grant(bytes: number): void;
  onCredit(bytes: number): void;
  onData(bytes: Uint8Array, end: boolean): void;
  /** The link has room again. */
  onLinkDrain(): void;
  onReset(code: ErrorCode, reason: string): void;
}

/** Credit is given back in pieces of at least this share of the window: fewer frames, and the sender never runs dry. */
const creditShare = 4;

export function createStreamSide(wire: StreamWire, events: StreamEvents, creditAtFirst: number): StreamSide {
  let credit = creditAtFirst;
  let window = 0;
  let owed = 0;
  let queue: Uint8Array[] = [];
  let blocked = false;
  let pressed = false;
  let ended = false;
  let endSent = false;
  let peerEnded = false;
  let over = false;

  function close(): boolean {
    if (over) return false;
    over = true;
    queue = [];
    wire.over();
    return true;
  }

  function reset(code: ErrorCode, reason: string): void {
    if (over) return;
    wire.reset(code, reason);
    close();
  }

  function breach(reason: string): void {
    if (over) return;
    wire.reset('protocol', reason);
    close();
    events.onReset('protocol', reason);
  }

  function carried(result: CarryResult): void {
    if (result === 'pressed') pressed = true;
    else if (result === 'busy' || result === 'unreachable') {
      if (close()) events.onReset('link-lost', 'the link is gone or takes no more');
    }
  }

  /** Sends as much of `bytes` as credit and frame size permit; returns how much. */
  function sendSome(bytes: Uint8Array): number {
    const count = Math.min(bytes.length, credit, dataBytesMax);
    credit -= count;
    carried(wire.data(count === bytes.length ? bytes : bytes.subarray(0, count), false));
    return count;
  }

  function flush(): void {
    while (queue.length > 0 && credit > 0 && !pressed && !over) {
      const first = queue[0] as Uint8Array;
      const count = sendSome(first);
      if (over) return;
      if (count === first.length) queue.shift();
      else queue[0] = first.subarray(count);
    }
    if (queue.length > 0 || over) return;
    if (ended && !endSent) {
      endSent = true;
      carried(wire.data(undefined, true));
      finish();
    } else if (blocked && !pressed && !ended && credit > 0) {
      blocked = false;
      events.onDrain();
    }
  }

  function finish(): void {
    if (endSent && peerEnded && close()) events.onFinish();
  }

  return {
    write(bytes) {
      if (over || ended || bytes.length === 0) return true;
      let rest = bytes;
      if (queue.length === 0) {
        while (rest.length > 0 && credit > 0 && !pressed && !over) rest = rest.subarray(sendSome(rest));
      }
      if (rest.length > 0 && !over) queue.push(rest);
      blocked = queue.length > 0 || pressed || credit === 0;
      return !blocked;
    },
    end() {
      if (ended || over) return;
      ended = true;
      flush();
    },
    reset,
    consumed(count) {
      owed += count;
      if (over || peerEnded || owed < streamCreditBytes / creditShare) return;
      window += owed;
      wire.credit(owed);
      owed = 0;
    },
    expect(bytes) {
      window += bytes;
    },
    grant(bytes) {
      window += bytes;
      wire.credit(bytes);
    },
    onCredit(bytes) {
      credit += bytes;
      if (credit > creditMax) breach('more credit than a stream may have');
      else flush();
    },
    onData(bytes, end) {
      if (over) return;
      if (peerEnded) return breach('data after the end');
      window -= bytes.length;
      if (window < 0) return breach('more data than credit');
      if (bytes.length > 0) events.onData(bytes);
      if (!end || over) return;
      peerEnded = true;
      events.onEnd();
      finish();
    },
    onLinkDrain() {
      pressed = false;
      flush();
    },
    onReset(code, reason) {
      if (close()) events.onReset(code, reason);
    },
  };
}

/** No honest peer grants more than a few windows. */
const creditMax = 16 * streamCreditBytes;
