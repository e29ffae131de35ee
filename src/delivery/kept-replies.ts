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
const ringBytesMax = 16_777_216;

const bytesAtFirst = 65_536;

/** A ring in which less than one part of so many is free is full: looking for what is free in it costs a look at each slot. */
const freeShare = 4;

const nowhere = -1;

/** One ring of bytes; the newest reply is written over the oldest. */
export function createKeptReplies(): KeptReplies {
  return new Ring();
}

/**
 * Positions count all bytes ever written; what lies a ring's length behind is gone, by which alone it is known: in a ring of
 * 16 MiB each look at what was written a minute ago would be one into cold memory.
 */
class Ring implements KeptReplies {
  private ring = new Uint8Array(bytesAtFirst);
  private written = 0;
  /** Of what lies before this nothing is asked for any more. */
  private freeUntil = 0;
  /** For each slot where its reply lies, `nowhere` where there is none, and how many bytes it has. */
  private starts = new Float64Array(0);
  private counts = new Uint16Array(0);

  get keptBytes(): number {
    let bytes = 0;
    for (let slot = 0; slot < this.starts.length; slot++) if (this.isKept(slot)) bytes += this.counts[slot] as number;
    return bytes;
  }

  set(slot: number, head: Uint8Array, body: Uint8Array | undefined): void {
    this.starts[slot] = nowhere;
    const headLength = head.length;
    const count = headLength + (body === undefined ? 0 : body.length);
    if (count > replyBytesMax || count === 0) return;
    const start = this.place(count);
    const { ring } = this;
    const at = start % ring.length;
    ring.set(head, at);
    if (body !== undefined) ring.set(body, at + headLength);
    this.starts[slot] = start;
    this.counts[slot] = count;
    this.written = start + count;
  }

  get(slot: number): Uint8Array | undefined {
    if (!this.isKept(slot)) return undefined;
    const at = (this.starts[slot] as number) % this.ring.length;
    return this.ring.subarray(at, at + (this.counts[slot] as number));
  }

  delete(slot: number): void {
    this.starts[slot] = nowhere;
  }

  grow(slots: number): void {
    const starts = new Float64Array(slots).fill(nowhere);
    starts.set(this.starts);
    this.starts = starts;
    const counts = new Uint16Array(slots);
    counts.set(this.counts);
    this.counts = counts;
  }

  private isKept(slot: number): boolean {
    const start = this.starts[slot] as number;
    return start !== nowhere && start >= this.written - this.ring.length;
  }

  /** Where `count` bytes lie side by side. */
  private place(count: number): number {
    const { ring, written } = this;
    const { length } = ring;
    const left = length - (written % length);
    const start = left < count ? written + left : written;
    if (start + count - length <= this.freeUntil || length === ringBytesMax) return start;
    // What would be written over may be worth more memory.
    this.freeUntil = this.oldestKept();
    if (this.freeUntil - (written - length) < length / freeShare) this.enlarge();
    return this.place(count);
  }

  private oldestKept(): number {
    let oldest = this.written;
    for (let slot = 0; slot < this.starts.length; slot++) {
      if (this.isKept(slot) && (this.starts[slot] as number) < oldest) oldest = this.starts[slot] as number;
    }
    return oldest;
  }

  /** Each reply keeps its position: a ring is a whole number of times as long as the one before. */
  private enlarge(): void {
    const { ring, written } = this;
    const larger = new Uint8Array(4 * ring.length);
    const turn = written % ring.length;
    larger.set(ring.subarray(0, turn), (written - turn) % larger.length);
    if (written >= ring.length) larger.set(ring.subarray(turn), (written - ring.length) % larger.length);
    this.ring = larger;
  }
}
