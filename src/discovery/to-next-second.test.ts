import { expect, it } from 'vitest';
import { toNextSecond } from './to-next-second.ts';

it.each([
  [0, 1_000],
  [0.25, 999.75],
  [999, 1],
  [1_000, 1_000],
  [12_345, 655],
])('from %f it is %f ms to the next whole second, and never none', (now, ms) => {
  expect(toNextSecond(now)).toBeCloseTo(ms, 9);
});
