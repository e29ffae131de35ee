/**
 * An answer that is more than a head and a body, as it travels on a stream [C1]: the data is a row of parts, each of them
 * `u8` kind, `u32` length and so many bytes.
 */
export const PartKind = {
  /** As in an accept: interim ones, then the final one. */
  head: 1,
  /** Of the body; any number of them, after the final head. */
  body: 2,
  /** Names and values in turn, each ended by a zero byte; at most one, the last. */
  trailers: 3,
} as const;

type PartKind = (typeof PartKind)[keyof typeof PartKind];

/** Interim answers to one request: more would be a program in a loop. */
export const interimMax = 16;

/** As of the head in an accept. */
export const partBytesMax = 65_536;

const partHeadBytes = 5;

export function partHead(kind: PartKind, length: number): Uint8Array {
  const bytes = new Uint8Array(partHeadBytes);
  new DataView(bytes.buffer).setUint32(1, length);
  bytes[0] = kind;
  return bytes;
}

/** What the parts say. Any of these may stop the reader. */
export interface PartEvents {
  /** Returns whether it is the final one; undefined: it is none. */
  onHead(bytes: Uint8Array): boolean | undefined;
  /** Valid only during the call. */
  onBody(bytes: Uint8Array): void;
  /** Returns whether they are such. */
  onTrailers(bytes: Uint8Array): boolean;
  /** Bytes that were none of the body: nobody else returns their credit. */
  onConsumed(count: number): void;
}

/** Takes parts from a stream, however they are cut. What is none is told once, and nothing is read after it. */
export class PartReader {
  readonly #events: PartEvents;
  readonly #head = new Uint8Array(partHeadBytes);
  #headFilled = 0;
  #kind = 0;
  /** Bytes of the part that are still to come. */
  #left = 0;
  #held: Uint8Array | undefined;
  #heldFilled = 0;
  #heads = 0;
  #hasHead = false;
  #hasTrailers = false;
  #isOver = false;

  /** `interimBefore`: interim heads that came another way. */
  constructor(events: PartEvents, interimBefore: number, hasHead: boolean) {
    this.#events = events;
    this.#heads = interimBefore;
    this.#hasHead = hasHead;
  }

  /** True between two parts, once the final head was read: the stream may end here. */
  get mayEnd(): boolean {
    return this.#hasHead && this.#left === 0 && this.#headFilled === 0;
  }

  stop(): void {
    this.#isOver = true;
  }

  /** Returns what is wrong. */
  push(bytes: Uint8Array): string | undefined {
    let at = 0;
    while (at < bytes.length && !this.#isOver) {
      if (this.#left > 0) {
        const count = Math.min(this.#left, bytes.length - at);
        this.#left -= count;
        const fault = this.#take(bytes.subarray(at, at + count));
        if (fault !== undefined) return this.#end(fault);
        at += count;
        continue;
      }
      const count = Math.min(partHeadBytes - this.#headFilled, bytes.length - at);
      this.#head.set(bytes.subarray(at, at + count), this.#headFilled);
      this.#headFilled += count;
      at += count;
      this.#events.onConsumed(count);
      if (this.#headFilled < partHeadBytes) continue;
      this.#headFilled = 0;
      const fault = this.#begin();
      if (fault !== undefined) return this.#end(fault);
    }
    return undefined;
  }

  #begin(): string | undefined {
    const length = new DataView(this.#head.buffer).getUint32(1);
    this.#kind = this.#head[0] as number;
    this.#left = length;
    if (this.#kind === PartKind.body)
      return this.#hasHead && !this.#hasTrailers ? undefined : 'a body out of its place';
    if (this.#kind !== PartKind.head && this.#kind !== PartKind.trailers) return 'a part of no known kind';
    if (length === 0 || length > partBytesMax) return 'a head that is too long or empty';
    if (this.#hasHead !== (this.#kind === PartKind.trailers) || this.#hasTrailers) return 'a head out of its place';
    this.#held = new Uint8Array(length);
    this.#heldFilled = 0;
    return undefined;
  }

  #take(bytes: Uint8Array): string | undefined {
    const held = this.#held;
    if (held === undefined) {
      this.#events.onBody(bytes);
      return undefined;
    }
    held.set(bytes, this.#heldFilled);
    this.#heldFilled += bytes.length;
    this.#events.onConsumed(bytes.length);
    if (this.#left > 0) return undefined;
    this.#held = undefined;
    return this.#kind === PartKind.head ? this.#takeHead(held) : this.#takeTrailers(held);
  }

  #takeHead(held: Uint8Array): string | undefined {
    this.#heads += 1;
    if (this.#heads > interimMax + 1) return 'too many interim answers';
    const isFinal = this.#events.onHead(held);
    if (isFinal === undefined) return 'a head that is none';
    this.#hasHead = isFinal;
    return undefined;
  }

  #takeTrailers(held: Uint8Array): string | undefined {
    this.#hasTrailers = true;
    return this.#events.onTrailers(held) ? undefined : 'trailers that are none';
  }

  #end(fault: string): string {
    this.#isOver = true;
    return fault;
  }
}
