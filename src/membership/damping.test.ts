import { describe, expect, it } from 'vitest';
import { afterGoing, afterWhile, steady } from './damping.ts';

const goings = (...times: readonly number[]) => times.reduce(afterGoing, steady);

describe('[M16] who comes and goes', () => {
  it.each([
    [[0], false],
    [[0, 1_000], false],
    [[0, 5_000, 10_000], true],
    [[0, 15_000, 30_000, 45_000, 60_000], false],
  ])('with goings at %j is damped: %s', (times, damped) => {
    expect(goings(...times).damped).toBe(damped);
  });

  it('is steady again within half a minute, however often it went', () => {
    const worst = goings(...Array.from({ length: 100 }, (_, i) => i * 100));
    expect(afterWhile(worst, 9_900 + 20_000).damped).toBe(true);
    expect(afterWhile(worst, 9_900 + 30_000).damped).toBe(false);
  });
});
