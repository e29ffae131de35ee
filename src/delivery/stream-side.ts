import type { ErrorCode } from '../protocol/error-code.ts';
import { dataBytesMax, streamWindowBytesMax } from '../protocol/limits.ts';
import type { CarryResult } from './carrier.ts';
import type { StreamEvents } from './mesh-stream.ts';
import { ReceiveWindow } from './receive-window.ts';
import type { WindowBudget } from './window-budget.ts';

/** How one side of a stream speaks to the other. */
export interface StreamWire {
  data(bytes: Uint8Array | undefined, end: boolean): CarryResult;
  credit(bytes: number): void;
  reset(code: ErrorCode, reason: string): void;
  /** The link has no room: `onLinkDrain` is to be called once it has. */
  wait(): void;
  /** The stream is over, either way: its place in the table is free. */
  over(): void;
}

/** One side of a stream: flow control, half-close, and exactly one end ([F7] to [F9]). */
export interface StreamSide {
  write(bytes: Uint8Array): boolean;
  end(): void;
  /** Writes `bytes`, few enough to wait for nothing, and ends: where there is room, in one frame. */
  endWith(bytes: Uint8Array): void;
  /** Breaks off both directions; the owner, who wants it so, is told nothing. */
  reset(code: ErrorCode, reason: string): void;
  /** Breaks off both directions and tells the owner. */
  abort(code: ErrorCode, reason: string): void;
  consumed(count: number): void;
  // Two methods: V8 gives each literal with a getter a hidden class of its own, which it frees only in a full collection, and
  // with it all that the getter knows. So as properties they would keep every stream in memory until then.
  isOver(): boolean;
  /** Bytes that wait here for credit or for the link. */
  queuedBytes(): number;
  /** It waits for the link to have room. */
  isPressed(): boolean;
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

/** `isEnded`: this side has said so with its open. */
export function createStreamSide(
  wire: StreamWire,
  events: StreamEvents,
  budget: WindowBudget,
  isEnded = false,
): StreamSide {
  const received = new ReceiveWindow(budget);
  let credit = 0;
  let window = 0;
  let unconsumed = 0;
  let queue: Uint8Array[] = [];
  let blocked = false;
  let pressed = false;
  let ended = isEnded;
  let endSent = isEnded;
  let peerEnded = false;
  let over = false;

  function close(): boolean {
    if (over) return false;
    over = true;
    queue = [];
    received.close();
    wire.over();
    return true;
  }

  function reset(code: ErrorCode, reason: string): void {
    if (over) return;
    wire.reset(code, reason);
    close();
  }

  function abort(code: ErrorCode, reason: string): void {
    if (over) return;
    reset(code, reason);
    events.onReset(code, reason);
  }

  function press(): void {
    if (pressed) return;
    pressed = true;
    wire.wait();
  }

  function carried(result: CarryResult): void {
    if (result === 'pressed') press();
    else if (result === 'unreachable' && close()) events.onReset('link-lost', 'the link is gone');
  }

  /** Sends as much of `bytes` as credit, frame size and link permit; returns how much. */
  function sendSome(bytes: Uint8Array): number {
    const count = Math.min(bytes.length, credit, dataBytesMax);
    const result = wire.data(count === bytes.length ? bytes : bytes.subarray(0, count), false);
    if (result === 'busy') {
      // Other streams have filled the link meanwhile: nothing was taken, and it is sent when there is room.
      press();
      return 0;
    }
    credit -= count;
    carried(result);
    return count;
  }

  function flush(): void {
    while (queue.length > 0 && credit > 0 && !pressed && !over) {
      const first = queue[0] as Uint8Array;
      const count = sendSome(first);
      if (over) return;
      if (count === first.length) queue.shift();
      else if (count > 0) queue[0] = first.subarray(count);
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

  function write(bytes: Uint8Array): boolean {
    if (over || ended || bytes.length === 0) return true;
    let rest = bytes;
    if (queue.length === 0) {
      while (rest.length > 0 && credit > 0 && !pressed && !over) rest = rest.subarray(sendSome(rest));
    }
    if (rest.length > 0 && !over) queue.push(rest);
    blocked = queue.length > 0 || pressed || credit === 0;
    return !blocked;
  }

  function endHalf(): void {
    if (ended || over) return;
    ended = true;
    flush();
  }

  /** False: it has to wait. */
  function sendLast(bytes: Uint8Array): boolean {
    if (queue.length > 0 || pressed || bytes.length > Math.min(credit, dataBytesMax)) return false;
    const result = wire.data(bytes, true);
    if (result === 'busy') return false;
    credit -= bytes.length;
    ended = endSent = true;
    carried(result);
    finish();
    return true;
  }

  return {
    write,
    end: endHalf,
    endWith(bytes) {
      if (over || ended || sendLast(bytes)) return;
      write(bytes);
      endHalf();
    },
    reset,
    abort,
    isOver: () => over,
    queuedBytes: () => queue.reduce((sum, { length }) => sum + length, 0),
    isPressed: () => pressed,
    consumed(count) {
      const counted = Math.min(count, unconsumed);
      unconsumed -= counted;
      if (over || peerEnded) return;
      const more = received.consumed(counted);
      if (more === 0) return;
      window += more;
      wire.credit(more);
    },
    expect(bytes) {
      window += bytes;
    },
    grant(bytes) {
      if (over) return;
      window += bytes;
      wire.credit(bytes);
    },
    onCredit(bytes) {
      if (over) return;
      credit += bytes;
      if (credit > creditMax) abort('protocol', 'more credit than a stream may have');
      else flush();
    },
    onData(bytes, end) {
      if (over) return;
      if (peerEnded) return abort('protocol', 'data after the end');
      window -= bytes.length;
      if (window < 0) return abort('protocol', 'more data than credit');
      unconsumed += bytes.length;
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
const creditMax = 4 * streamWindowBytesMax;
