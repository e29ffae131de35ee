import { readU32, writeU32 } from '../protocol/frame.ts';

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

/** The newest that fit are kept; these are all of [F11] at 248 bytes each. */
const ringBytesMax = 16_777_216;

const bytesAtFirst = 65_536;

/** Before each reply: its slot and how many bytes follow. */
const headerBytes = 8;

/** In a slot's place: the rest of the ring was too short for the next reply. */
const nobody = 0xffff_ffff;

const nowhere = -1;

/** One ring of bytes; the newest reply is written over the oldest. */
export function createKeptReplies(): KeptReplies {
  return new Ring();
}

/** Positions count all bytes ever written; those that lie a ring's length behind are gone. */
class Ring implements KeptReplies {
  keptBytes = 0;
  private ring = new Uint8Array(bytesAtFirst);
  private written = 0;
  /** Where the oldest one lies that is not written over. */
  private oldest = 0;
  /** For each slot where its reply lies, `nowhere` where there is none. */
  private starts = new Float64Array(0);

  set(slot: number, head: Uint8Array, body: Uint8Array | undefined): void {
    this.delete(slot);
    const headLength = head.length;
    const count = headLength + (body === undefined ? 0 : body.length);
    if (count > replyBytesMax || count === 0) return;
    const start = this.place(headerBytes + count);
    const { ring } = this;
    const at = start % ring.length;
    writeU32(ring, at, slot);
    writeU32(ring, at + 4, count);
    ring.set(head, at + headerBytes);
    if (body !== undefined) ring.set(body, at + headerBytes + headLength);
    this.starts[slot] = start;
    this.keptBytes += count;
  }

  get(slot: number): Uint8Array | undefined {
    const start = this.starts[slot] as number;
    if (start === nowhere) return undefined;
    const { ring } = this;
    const at = (start % ring.length) + headerBytes;
    return ring.subarray(at, at + this.countAt(start));
  }

  delete(slot: number): void {
    const start = this.starts[slot] as number;
    if (start === nowhere) return;
    this.keptBytes -= this.countAt(start);
    this.starts[slot] = nowhere;
  }

  grow(slots: number): void {
    const larger = new Float64Array(slots).fill(nowhere);
    larger.set(this.starts);
    this.starts = larger;
  }

  private countAt(start: number): number {
    return readU32(this.ring, (start % this.ring.length) + 4);
  }

  /** Where `count` bytes lie side by side. */
  private place(count: number): number {
    const { ring, written } = this;
    const left = ring.length - (written % ring.length);
    const at = left < count ? written + left : written;
    this.forgetGone(at + count - ring.length);
    // What would be written over is worth more memory, as long as there may be more.
    if (this.oldest < at + count - ring.length) {
      if (ring.length < ringBytesMax) {
        this.enlarge();
        return this.place(count);
      }
      this.writeOver(at + count - ring.length);
    }
    if (at > written && left >= headerBytes) {
      writeU32(ring, written % ring.length, nobody);
      writeU32(ring, (written % ring.length) + 4, left - headerBytes);
    }
    this.written = at + count;
    return at;
  }

  /** Skips what nobody asks for any more, up to `until`. */
  private forgetGone(until: number): void {
    while (this.oldest < until && this.oldest < this.written && !this.isKept(this.oldest)) this.skip();
  }

  private writeOver(until: number): void {
    while (this.oldest < until && this.oldest < this.written) {
      if (this.isKept(this.oldest)) this.delete(readU32(this.ring, this.oldest % this.ring.length));
      this.skip();
    }
  }

  private isKept(position: number): boolean {
    if (this.endsRing(position)) return false;
    const slot = readU32(this.ring, position % this.ring.length);
    return slot !== nobody && this.starts[slot] === position;
  }

  private skip(): void {
    const { oldest, ring } = this;
    this.oldest += this.endsRing(oldest) ? ring.length - (oldest % ring.length) : headerBytes + this.countAt(oldest);
  }

  /** There was no room even for a header. */
  private endsRing(position: number): boolean {
    return this.ring.length - (position % this.ring.length) < headerBytes;
  }

  private enlarge(): void {
    const larger = new Uint8Array(4 * this.ring.length);
    let to = 0;
    for (; this.oldest < this.written; this.skip()) {
      if (!this.isKept(this.oldest)) continue;
      const from = this.oldest % this.ring.length;
      const count = headerBytes + this.countAt(this.oldest);
      larger.set(this.ring.subarray(from, from + count), to);
      this.starts[readU32(this.ring, from)] = to;
      to += count;
    }
    this.ring = larger;
    this.oldest = 0;
    this.written = to;
  }
}
