/** FNV-1a over UTF-16 units, 32 bits. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

/** Every bit of the input changes about half of the output's (the finaliser of MurmurHash3, by Austin Appleby, public domain). */
function mixed(input: number): number {
  let value = input;
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

/** Between 0 and 1, evenly spread over the keys: what a key is worth to a node before its weight. */
export function rendezvousNumber(keyHash: number, nodeHash: number): number {
  return (mixed(keyHash ^ mixed(nodeHash)) + 0.5) / 0x1_0000_0000;
}

/**
 * How much a key belongs to a node; it goes to the one with the largest. When a node goes, only its keys move, and of n nodes
 * each has its weight's share of them (highest random weight: Thaler, Ravishankar, IEEE/ACM ToN 1998; with weights: Schindler,
 * Schomaker 2005).
 */
export function rendezvousScore(uniform: number, weight: number): number {
  return -weight / Math.log(uniform);
}
