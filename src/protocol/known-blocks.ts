/** So many are looked at one after the other, beginning with the one found last: more would cost what it saves. */
const blocksMax = 8;

/** Bytes, and what they say. */
export interface KnownBlock<Value> {
  readonly bytes: Uint8Array;
  readonly value: Value;
}

/**
 * What was read from blocks of bytes a moment ago. One message names mostly whom the last one named: comparing a block with
 * that costs a fraction of checking and looking up each of its names. Only for blocks whose bytes say where they end.
 */
export class KnownBlocks<Value> {
  private readonly blocks: KnownBlock<Value>[] = [];
  private latest = 0;
  private oldest = 0;

  /** The one with which the bytes from `start` on begin. */
  find(bytes: Uint8Array, start: number, end: number): KnownBlock<Value> | undefined {
    const { blocks } = this;
    const latest = blocks[this.latest];
    if (latest === undefined || isAt(latest.bytes, bytes, start, end)) return latest;
    for (let at = 0; at < blocks.length; at++) {
      const block = blocks[at] as KnownBlock<Value>;
      if (block === latest || !isAt(block.bytes, bytes, start, end)) continue;
      this.latest = at;
      return block;
    }
    return undefined;
  }

  /** Keeps a copy of the bytes. The value is handed to all who bring them again. */
  add(bytes: Uint8Array, start: number, end: number, value: Value): void {
    this.blocks[this.oldest] = { bytes: bytes.slice(start, end), value };
    this.latest = this.oldest;
    this.oldest = (this.oldest + 1) % blocksMax;
  }
}

function isAt(block: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  const { length } = block;
  if (length > end - start) return false;
  let i = 0;
  // Four at a time, at half the cost: nearly every block is the one that is looked for.
  for (; i + 4 <= length; i += 4) {
    const a = (block[i] as number) ^ (bytes[start + i] as number);
    const b = (block[i + 1] as number) ^ (bytes[start + i + 1] as number);
    const c = (block[i + 2] as number) ^ (bytes[start + i + 2] as number);
    const d = (block[i + 3] as number) ^ (bytes[start + i + 3] as number);
    if ((a | b | c | d) !== 0) return false;
  }
  for (; i < length; i++) if (block[i] !== bytes[start + i]) return false;
  return true;
}
