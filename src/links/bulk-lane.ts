import { type FrameFields, FrameFlag, FrameKind } from '../protocol/frame.ts';
import { frameHeaderBytes, linkMarkBytes } from '../protocol/limits.ts';
import type { Clock } from '../runtime/clock.ts';
import type { ByteStream } from '../runtime/streams.ts';
import { BulkPace } from './bulk-pace.ts';
import type { FrameQueue } from './frame-queue.ts';

/** A piece of data is not cut to less than this: its header and its system call would be most of it. */
const pieceBytesMin = 16_384;

/**
 * Frames of streams that give way to all others: they wait here, in their order, while as much of them is under way as may
 * be, and what is written meanwhile overtakes them.
 */
export interface BulkLane {
  // A method, as in a frame link.
  waitingBytes(): number;
  /** `fields` and `body` must not change until it is written. False: it is above its mark, and `onRoom` follows. */
  push(fields: FrameFields, head: Uint8Array | undefined, body: Uint8Array | undefined): boolean;
  /** A stream begins: its open may wait for the others of this turn. */
  noteOpen(): void;
  /** A message shares the link. */
  noteMessage(): void;
  /** The answer to a ping has come. */
  passed(number: number): void;
  /** Writes all of it now, whatever is under way. */
  release(): void;
  /** Forgets what waits. */
  drop(): void;
}

export interface BulkLaneOptions {
  readonly clock: Pick<Clock, 'now'>;
  readonly queue: Pick<FrameQueue, 'push' | 'flush'>;
  /** Where the queue writes to. */
  readonly stream: Pick<ByteStream, 'gather' | 'together'>;
  /** Sends a ping with that number. */
  readonly ping: (number: number) => void;
  /** Less waits again, after `push` returned false. */
  readonly onRoom: () => void;
}

interface WaitingFrame {
  readonly fields: FrameFields;
  readonly head: Uint8Array | undefined;
  readonly body: Uint8Array | undefined;
}

/** The frames of a stream that keep their order behind its bytes. The others begin it, or concern the other direction. */
export function isBulk(kind: number): boolean {
  return kind === FrameKind.data || kind === FrameKind.reset;
}

export function createBulkLane({ clock, queue, stream, ping, onRoom }: BulkLaneOptions): BulkLane {
  const pace = new BulkPace(clock);
  const waiting: WaitingFrame[] = [];
  let waitingBytes = 0;
  let isPressed = false;

  /** Nobody waits for the first of it alone. */
  function gather(): void {
    if (pace.isAlone) stream.gather();
  }

  function write({ fields, head, body }: WaitingFrame): void {
    gather();
    const number = pace.wrote(sizeOf(head, body));
    if (number === 0) {
      queue.push(fields, head, body);
      return;
    }
    stream.together(() => {
      queue.push(fields, head, body);
      ping(number);
      queue.flush();
    });
  }

  /** Returns what is left of the frame; undefined: nothing. */
  function writeSome(frame: WaitingFrame): WaitingFrame | undefined {
    const { fields, head, body } = frame;
    const room = pace.room();
    const wanted = isCut(fields) ? (body?.length ?? 0) : 0;
    if (room > 0 && room >= wanted) {
      write(frame);
      return undefined;
    }
    if (room < pieceBytesMin || body === undefined) {
      const number = pace.ask();
      if (number !== 0) ping(number);
      return frame;
    }
    write({ fields, head, body: body.subarray(0, room) });
    return { fields, head, body: body.subarray(room) };
  }

  function pump(): void {
    let done = 0;
    for (; done < waiting.length; done++) {
      const frame = waiting[done] as WaitingFrame;
      const left = writeSome(frame);
      if (left === undefined) waitingBytes -= sizeOf(frame.head, frame.body);
      else {
        waitingBytes -= (frame.body?.length ?? 0) - (left.body?.length ?? 0);
        waiting[done] = left;
        break;
      }
    }
    if (done > 0) waiting.splice(0, done);
    if (!isPressed || waitingBytes > linkMarkBytes / 2) return;
    isPressed = false;
    onRoom();
  }

  return {
    waitingBytes: () => waitingBytes,
    push(fields, head, body) {
      const frame = { fields, head, body };
      const left = waiting.length === 0 ? writeSome(frame) : frame;
      if (left === undefined) return true;
      waiting.push(head === undefined ? left : { ...left, head: head.slice() });
      waitingBytes += sizeOf(left.head, left.body);
      if (waitingBytes > linkMarkBytes) isPressed = true;
      return !isPressed;
    },
    noteOpen: gather,
    noteMessage: () => pace.noteMessage(),
    passed(number) {
      pace.passed(number);
      pump();
    },
    release() {
      for (const frame of waiting.splice(0)) queue.push(frame.fields, frame.head, frame.body);
      waitingBytes = 0;
    },
    drop() {
      waiting.length = 0;
      waitingBytes = 0;
    },
  };
}

/** Bytes of a stream may be cut anywhere; what ends it goes with the last of them. */
function isCut({ kind, flags }: FrameFields): boolean {
  return kind === FrameKind.data && (flags & FrameFlag.end) === 0;
}

function sizeOf(head: Uint8Array | undefined, body: Uint8Array | undefined): number {
  return frameHeaderBytes + (head?.length ?? 0) + (body?.length ?? 0);
}
