/** So many small copies share one allocation: whoever keeps one of them keeps this much. */
const slabBytes = 16_384;

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
  private used = 0;

  take(bytes: Uint8Array, start: number, end: number): Uint8Array {
    if (start === end) return noBytes;
    const at = this.place(bytes, start, end);
    const { placed } = this;
    return placed.length === end - start ? placed : new Uint8Array(placed.buffer, placed.byteOffset + at, end - start);
  }

  /** A window of so many bytes that nobody else has, at first zero, for the caller to fill. */
  room(count: number): Uint8Array {
    if (count > sharedBytesMax) return new Uint8Array(count);
    const { slab, used } = this.reserve(count);
    return new Uint8Array(slab.buffer, used, count);
  }

  /** A copy without a window of its own: it begins at what this returns in `placed`. */
  place(bytes: Uint8Array, start: number, end: number): number {
    const count = end - start;
    if (count > sharedBytesMax) {
      this.placed = bytes.slice(start, end);
      return 0;
    }
    const { slab, used } = this.reserve(count);
    this.placed = slab;
    // A loop beats the call for what is as short as most heads are.
    if (count <= 64) for (let i = 0; i < count; i++) slab[used + i] = bytes[start + i] as number;
    else slab.set(count === bytes.length ? bytes : bytes.subarray(start, end), used);
    return used;
  }

  private reserve(count: number): { readonly slab: Uint8Array; readonly used: number } {
    if (count > this.slab.length - this.used) {
      this.slab = new Uint8Array(slabBytes);
      this.used = 0;
    }
    const { slab, used } = this;
    this.used = used + count;
    return { slab, used };
  }
}
