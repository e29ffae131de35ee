/** Ids that differ in no more than these bits lie side by side. */
const runBits = 8;
const runLength = 1 << runBits;

/**
 * Of the four words of a message's id: the finalizer of MurmurHash3 (Austin Appleby, 2011) over each in turn; but ids that were
 * counted up lie side by side, as they come and go, so that the processor finds them in its cache. `seed`: any number that
 * those who choose ids do not know.
 */
export function hashOfId(seed: number, a: number, b: number, c: number, d: number): number {
  return mix(mix(mix(mix(seed ^ a) ^ b) ^ c) ^ (d >>> runBits)) + (d & (runLength - 1));
}

/** One of them; the caller has checked that four bytes are there. */
export function readWord(bytes: Uint8Array, at: number): number {
  const high = ((bytes[at] as number) << 24) | ((bytes[at + 1] as number) << 16);
  return high | ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number);
}

function mix(word: number): number {
  let h = word;
  h = Math.imul(h ^ (h >>> 16), 0x85eb_ca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35);
  return h ^ (h >>> 16);
}
