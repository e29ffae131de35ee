import { describe, expect, it } from 'vitest';
import { playScene, type Scene, type SceneResult, type SimulatedInstance } from './selection-world.ts';

const seeds = ['one', 'two', 'three'];

function quantile(values: readonly number[], share: number): number {
  return values[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Fullest to mean, of what the instances had in hand, over time. */
function fullestToMean({ inHand }: SceneResult): number {
  return mean(inHand.map((counts) => Math.max(...counts) / Math.max(1e-9, mean(counts))));
}

/** Share of the attempts of one instance from one time to another. */
function shareOf({ attempts }: SceneResult, at: number, fromMs: number, toMs: number): number {
  const slices = attempts.slice(fromMs / 500, toMs / 500);
  const all = slices.flat().reduce((sum, count) => sum + count, 0);
  return slices.reduce((sum, counts) => sum + (counts[at] ?? 0), 0) / all;
}

const fast: SimulatedInstance = { workers: 8, meanMs: 5 };
const scene = { callers: 1, callsPerSecond: 1_000, forMs: 20_000, policy: 'ours' } as const;

describe.each(seeds)('seed %s', (seed) => {
  it('100 callers do not herd on 20 instances, although what they are told is up to a second old', () => {
    const steady: Omit<Scene, 'policy'> = {
      seed,
      instances: Array.from({ length: 20 }, () => ({ workers: 16, meanMs: 50 })),
      callers: 100,
      callsPerSecond: 3_840,
      forMs: 10_000,
    };
    const ours = fullestToMean(playScene({ ...steady, policy: 'ours' }));
    expect(ours).toBeLessThanOrEqual(2);
    expect(ours).toBeLessThanOrEqual(1.05 * fullestToMean(playScene({ ...steady, policy: 'random' })));
    // What would happen if everybody went to the one that was told to have the least.
    expect(fullestToMean(playScene({ ...steady, policy: 'least-told' }))).toBeGreaterThan(4);
  });

  it('one slow, one that fails at once, one that freezes: p99 within 1.5 of one who knows the truth, no error', () => {
    const hard: Omit<Scene, 'policy'> = {
      seed,
      instances: [
        fast,
        { ...fast, freezes: { everyMs: 20_000, forMs: 2_000 } },
        { workers: 8, meanMs: 50 },
        { ...fast, fails: true },
      ],
      callers: 1,
      callsPerSecond: 0.6 * 3_200,
      forMs: 42_000,
    };
    const ours = playScene({ ...hard, policy: 'ours' });
    const oracle = playScene({ ...hard, policy: 'oracle' });
    expect(quantile(ours.latencies, 0.99) / quantile(oracle.latencies, 0.99)).toBeLessThanOrEqual(1.5);
    expect(ours.errors).toBe(0);
    expect(ours.retries / ours.calls).toBeLessThan(0.01);
    expect(playScene({ ...hard, policy: 'random' }).errors / ours.calls).toBeGreaterThan(0.2);
  });

  it('a burned host has less than half of an even share within 2 s, and has it back within 5 s', () => {
    for (const [callers, callsPerSecond] of [
      [1, 1_000],
      [20, 1_000],
      [1, 40],
    ] as const) {
      const burned = { fromMs: 10_000, toMs: 20_000, slower: 6 };
      const instances = [{ ...fast, burned }, fast, fast, fast];
      const result = playScene({ ...scene, seed, instances, callers, callsPerSecond, forMs: 32_000 });
      expect(shareOf(result, 0, 5_000, 10_000)).toBeGreaterThan(0.15);
      expect(shareOf(result, 0, 12_000, 20_000)).toBeLessThan(0.125);
      expect(shareOf(result, 0, 25_000, 32_000)).toBeGreaterThan(0.15);
    }
  });

  it('a new instance has no more than an even share in its first ten seconds, and all of it soon after', () => {
    const instances = [{ ...fast, startsAtMs: 5_000 }, fast, fast, fast];
    const result = playScene({ ...scene, seed, instances, callers: 5, callsPerSecond: 3_000, forMs: 25_000 });
    expect(shareOf(result, 0, 5_000, 7_000)).toBeLessThan(0.1);
    expect(shareOf(result, 0, 5_000, 15_000)).toBeLessThan(0.25);
    expect(shareOf(result, 0, 16_000, 25_000)).toBeGreaterThan(0.2);
  });

  it('what fails at once is left out, tried again now and then, and reaches no caller', () => {
    const instances = [{ ...fast, fails: true }, fast, fast];
    const result = playScene({ ...scene, seed, instances, forMs: 40_000 });
    expect(result.errors).toBe(0);
    const tried = result.attempts.map((counts) => counts[0] ?? 0);
    expect(tried.slice(2).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0);
    expect(tried.reduce((sum, count) => sum + count, 0)).toBeLessThan(20);
  });

  it('while one freezes hardly anything more goes there', () => {
    const instances = [{ ...fast, freezes: { everyMs: 5_000, forMs: 2_000 } }, fast, fast];
    const result = playScene({ ...scene, seed, instances, forMs: 20_000 });
    for (const at of [5_500, 10_500, 15_500]) expect(shareOf(result, 0, at, at + 1_500)).toBeLessThan(0.01);
    expect(shareOf(result, 0, 8_000, 10_000)).toBeGreaterThan(0.2);
  });
});
