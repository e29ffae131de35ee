/** Numbers in [0, 1) that are the same for the same seed (Steele, Lea, Flood 2014: SplitMix, in its 32-bit form). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let value = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    value = Math.imul(value ^ (value >>> 15), 0x735a2d97);
    return ((value ^ (value >>> 15)) >>> 0) / 0x1_0000_0000;
  };
}

export function exponential(random: () => number, mean: number): number {
  return -Math.log(1 - random()) * mean;
}
