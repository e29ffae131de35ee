import type { Random } from '../runtime/random.ts';

/** Chance that repeats itself: the same seed and labels give the same numbers. */
export interface VirtualRandom extends Random {
  /** A stream of its own. It depends on the label and not on what was drawn here, so a new consumer shifts nobody else's numbers. */
  fork(label: string): VirtualRandom;
}

/** The first outputs still resemble the seed; its author asks for 12 rounds or more. */
const warmUpRounds = 15;

/**
 * Chris Doty-Humphrey's sfc32 (PractRand, public domain): 128 bits of state, a few 32-bit operations per number.
 * Fit for simulation only, not for secrets.
 */
export function createVirtualRandom(seed: number | string): VirtualRandom {
  const name = String(seed);
  let a = hash(name, 0x9e3779b9);
  let b = hash(name, 0x243f6a88);
  let c = hash(name, 0xb7e15162);
  let counter = 1;

  function next32(): number {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  for (let round = 0; round < warmUpRounds; round++) next32();

  return {
    next: () => next32() / 0x1_0000_0000,
    bytes(count) {
      const bytes = new Uint8Array(count);
      for (let index = 0; index < count; index++) bytes[index] = next32() >>> 24;
      return bytes;
    },
    fork: (label) => createVirtualRandom(`${name}/${label}`),
  };
}

/** FNV-1a over UTF-16 units, with murmur3's finish so that names that differ in one character differ everywhere. */
function hash(text: string, start: number): number {
  let value = start | 0;
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return value ^ (value >>> 16);
}
