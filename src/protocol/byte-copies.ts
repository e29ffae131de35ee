import type { FramedBytes } from './received-frame.ts';

/** So many small copies share one allocation: whoever keeps one of them keeps this much. */
const slabBytes = 16_384;

/** Up to here a loop is the quicker way to copy. */
const loopedBytesMax = 24;

/** So much is copied at first of what came in one read, and twice as much each further time: it may be for somebody else. */
const runBytesAtFirst = 1_024;

/** A larger copy is worth memory of its own. */
const sharedBytesMax = 2_048;

const noBytes = new Uint8Array(0);

/**
 * Copies of what is valid only for a moment. An allocation for each body costs several times as much as the copying, so
 * small ones lie side by side; none is ever written over.
 */
export class ByteCopies {
  /** Where the last copy lies. */
  placed: Uint8Array = noBytes;
  private slab: Uint8Array = noBytes;
  /** The slab's: to ask it for its memory for each window costs more than the window. */
  private memory: ArrayBuffer = noBytes.buffer;
  private used = 0;
  /** The frame and the read of which the last run is a copy, where it lay, how far from there it lies, and in what. */
  private runFrame: FramedBytes | undefined = undefined;
  private runRead = 0;
  private runStart = 0;
  private runEnd = 0;
  private runShift = 0;
  private runMemory: ArrayBuffer = noBytes.buffer;
  private runBytes = runBytesAtFirst;

  take(bytes: Uint8Array, start: number, end: number): Uint8Array {
    const count = end - start;
    if (count === 0) return noBytes;
    if (count > sharedBytesMax) return bytes.slice(start, end);
    const at = this.place(bytes, start, end);
    return new Uint8Array(this.memory, at, count);
  }

  /**
   * As `take`, of what lies in a frame. Most of what came with it is about to be taken, too: it is copied in one go, and to take
   * the next one is no more than to open a window on it.
   */
  takeOf(frame: FramedBytes, start: number, end: number): Uint8Array {
    const count = end - start;
    if (count === 0) return noBytes;
    const { readNumber } = frame;
    if (readNumber === undefined || count > sharedBytesMax) return this.take(frame.bytes, start, end);
    const isSame = readNumber === this.runRead && frame === this.runFrame;
    if (!isSame || start < this.runStart || end > this.runEnd) this.copyRun(frame, start, count, isSame);
    return new Uint8Array(this.runMemory, start + this.runShift, count);
  }

  /** A window of so many bytes that nobody else has, at first zero, for the caller to fill. */
  room(count: number): Uint8Array {
    if (count > sharedBytesMax) return new Uint8Array(count);
    const at = this.reserve(count);
    return new Uint8Array(this.memory, at, count);
  }

  /** A copy without a window of its own: it begins at what this returns in `placed`. */
  place(bytes: Uint8Array, start: number, end: number): number {
    const count = end - start;
    if (count > sharedBytesMax) {
      this.placed = bytes.slice(start, end);
      return 0;
    }
    const at = this.reserve(count);
    const { slab } = this;
    this.placed = slab;
    // A loop beats the call, and the window it needs, for what is as short as some heads are.
    if (count <= loopedBytesMax) for (let i = 0; i < count; i++) slab[at + i] = bytes[start + i] as number;
    else slab.set(count === bytes.length ? bytes : bytes.subarray(start, end), at);
    return at;
  }

  private copyRun(frame: FramedBytes, start: number, count: number, isSame: boolean): void {
    const { bytes, readNumber = 0, readEnd = start } = frame;
    this.runBytes = isSame ? Math.min(slabBytes, 2 * this.runBytes) : runBytesAtFirst;
    const wanted = Math.max(count, Math.min(readEnd - start, this.runBytes));
    const left = this.slab.length - this.used;
    const length = left < count ? wanted : Math.min(wanted, left);
    const at = this.reserve(length);
    this.slab.set(bytes.subarray(start, start + length), at);
    this.runFrame = frame;
    this.runRead = readNumber;
    this.runStart = start;
    this.runEnd = start + length;
    this.runShift = at - start;
    this.runMemory = this.memory;
  }

  /** Where so many bytes of the slab begin. */
  private reserve(count: number): number {
    if (count > this.slab.length - this.used) {
      this.memory = new ArrayBuffer(slabBytes);
      this.slab = new Uint8Array(this.memory);
      this.used = 0;
    }
    const at = this.used;
    this.used = at + count;
    return at;
  }
}
