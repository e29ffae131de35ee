/** So many small copies share one allocation: whoever keeps one of them keeps this much. */
const slabBytes = 16_384;

/** Up to here a loop is the quicker way to copy. */
const loopedBytesMax = 24;

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

  take(bytes: Uint8Array, start: number, end: number): Uint8Array {
    const count = end - start;
    if (count === 0) return noBytes;
    if (count > sharedBytesMax) return bytes.slice(start, end);
    const at = this.place(bytes, start, end);
    return new Uint8Array(this.memory, at, count);
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
