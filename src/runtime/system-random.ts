import { randomBytes } from 'node:crypto';
import type { Random } from './random.ts';

/** `next()` is fast and good enough for spreading load and time; `bytes()` is fit for keys and identities. */
export function systemRandom(): Random {
  return { next: () => Math.random(), bytes: (count) => new Uint8Array(randomBytes(count)) };
}
