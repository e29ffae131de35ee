/** Replies to what was executed, each under the slot of its message. */
export interface KeptReplies {
  /** Nothing is kept of a reply above 4 KiB. */
  set(slot: number, head: Uint8Array, body: Uint8Array | undefined): void;
  /** Head and body as one; undefined when it was not kept, or later ones have taken its place. Valid until the next `set`. */
  get(slot: number): Uint8Array | undefined;
  delete(slot: number): void;
  /** There are so many slots from now on. */
  grow(slots: number): void;
  /** Bytes of those that can still be had. */
  readonly keptBytes: number;
}

/** A reply above this size is not kept: a repetition is then refused as `duplicate`. */
const replyBytesMax = 4_096;

/** The newest that fit are kept; these are all of [F11] at 256 bytes each. */
const keptBytesMax = 16_777_216;

const bytesAtFirst = 65_536;

/** One ring of bytes; the newest reply is written over the oldest. */
export function createKeptReplies(): KeptReplies {
  let ring = new Uint8Array(bytesAtFirst);
  /** Counts all bytes ever written, gaps at the ring's end included: what lies a ring's length behind is gone. */
  let written = 0;
  let starts = new Float64Array(0);
  let sizes = new Uint16Array(0);
  let kept = 0;
  /** Kept ones in the order they were written, so that it is known how much is lost when one is written over. */
  let order: number[] = [];
  let first = 0;

  function isKept(slot: number): boolean {
    return (sizes[slot] as number) > 0;
  }

  function forget(slot: number): void {
    kept -= sizes[slot] as number;
    sizes[slot] = 0;
  }

  /** Those that begin before `from` are written over. */
  function forgetBefore(from: number): void {
    for (; first < order.length; first += 2) {
      const slot = order[first] as number;
      const start = order[first + 1] as number;
      if (start >= from) break;
      if (isKept(slot) && starts[slot] === start) forget(slot);
    }
    if (first > 65_536 && first > order.length / 2) {
      order = order.slice(first);
      first = 0;
    }
  }

  /** Where `count` bytes lie side by side. */
  function place(count: number): number {
    const left = ring.length - (written % ring.length);
    const at = left < count ? written + left : written;
    // What would be written over is worth more memory, as long as there may be more.
    if (ring.length < keptBytesMax && oldestKept() < at + count - ring.length) {
      enlarge();
      return place(count);
    }
    forgetBefore(at + count - ring.length);
    written = at + count;
    return at;
  }

  function oldestKept(): number {
    for (; first < order.length; first += 2) {
      const slot = order[first] as number;
      const start = order[first + 1] as number;
      if (isKept(slot) && starts[slot] === start) return start;
    }
    return Number.POSITIVE_INFINITY;
  }

  function enlarge(): void {
    const larger = new Uint8Array(4 * ring.length);
    const later: number[] = [];
    let at = 0;
    for (; first < order.length; first += 2) {
      const slot = order[first] as number;
      if (!isKept(slot) || starts[slot] !== order[first + 1]) continue;
      const from = (starts[slot] as number) % ring.length;
      const size = sizes[slot] as number;
      larger.set(ring.subarray(from, from + size), at);
      starts[slot] = at;
      later.push(slot, at);
      at += size;
    }
    ring = larger;
    written = at;
    order = later;
    first = 0;
  }

  return {
    set(slot, head, body) {
      const count = head.length + (body?.length ?? 0);
      if (isKept(slot)) forget(slot);
      if (count > replyBytesMax || count === 0) return;
      const at = place(count);
      const from = at % ring.length;
      ring.set(head, from);
      if (body !== undefined) ring.set(body, from + head.length);
      starts[slot] = at;
      sizes[slot] = count;
      kept += count;
      order.push(slot, at);
    },
    get(slot) {
      if (!isKept(slot)) return undefined;
      const from = (starts[slot] as number) % ring.length;
      return ring.subarray(from, from + (sizes[slot] as number));
    },
    delete(slot) {
      if (isKept(slot)) forget(slot);
    },
    grow(slots) {
      const larger = new Float64Array(slots);
      larger.set(starts);
      starts = larger;
      const largerSizes = new Uint16Array(slots);
      largerSizes.set(sizes);
      sizes = largerSizes;
    },
    get keptBytes() {
      return kept;
    },
  };
}
