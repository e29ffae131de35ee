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
  private slab: Uint8Array = noBytes;
  private used = 0;

  take(bytes: Uint8Array, start: number, end: number): Uint8Array {
    const count = end - start;
    if (count <= 0) return noBytes;
    // Not slice(): that of a Buffer copies nothing.
    if (count > sharedBytesMax) return new Uint8Array(bytes.subarray(start, end));
    if (count > this.slab.length - this.used) {
      this.slab = new Uint8Array(slabBytes);
      this.used = 0;
    }
    const { slab, used } = this;
    this.used = used + count;
    // A loop beats the call for what is as short as most bodies are.
    if (count <= 32) for (let i = 0; i < count; i++) slab[used + i] = bytes[start + i] as number;
    else slab.set(bytes.subarray(start, end), used);
    return new Uint8Array(slab.buffer, used, count);
  }
}
