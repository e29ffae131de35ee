import { describe, expect, it } from 'vitest';
import { createVirtualRandom } from './virtual-random.ts';

const draw = (seed: number | string, count = 5): number[] => {
  const random = createVirtualRandom(seed);
  return Array.from({ length: count }, () => random.next());
};

describe('virtual random', () => {
  it('repeats itself by seed', () => {
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
    expect(draw('7')).toEqual(draw(7));
  });

  it('is uniform in [0, 1)', () => {
    const numbers = draw(1, 20_000);
    const mean = numbers.reduce((sum, next) => sum + next, 0) / numbers.length;
    expect(mean).toBeCloseTo(0.5, 1);
    expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
    const tenths = new Set(numbers.map((number) => Math.floor(number * 10)));
    expect(tenths.size).toBe(10);
  });

  it('forks do not depend on what was drawn before, and differ', () => {
    const early = createVirtualRandom(1);
    const late = createVirtualRandom(1);
    late.next();
    late.bytes(100);
    expect(late.fork('a').bytes(8)).toEqual(early.fork('a').bytes(8));
    expect(late.fork('a').bytes(8)).not.toEqual(early.fork('b').bytes(8));
    expect(late.fork('a').fork('b').bytes(8)).not.toEqual(late.fork('a').bytes(8));
  });
});
