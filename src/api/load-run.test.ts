import { describe, expect, it } from 'vitest';
import type { Clock } from '../runtime/clock.ts';
import { joinedRuns, percentile, runLoad } from './load-run.ts';

/** Each look at it moves it on. */
function steppingClock(stepMs: number): Clock {
  let now = 0;
  return {
    now: () => (now += stepMs),
    wallTime: () => 0,
    schedule: () => ({ cancel: () => undefined }),
  };
}

const going = () => false;

describe('a load', () => {
  it('goes on for its time, and tells what brought nothing apart', async () => {
    let calls = 0;
    const run = await runLoad({ clock: steppingClock(1), depth: 1, ms: 100, isStopped: going }, () => {
      calls += 1;
      return Promise.resolve(calls % 4 !== 0);
    });
    expect(run.count).toBe(calls);
    expect(run.failed).toBe(Math.floor(calls / 4));
    expect(run.latenciesMs).toHaveLength(run.count - run.failed);
    expect(run.elapsedMs).toBeGreaterThanOrEqual(100);
  });

  it('keeps as many under way as it is told, and no more', async () => {
    let underWay = 0;
    let most = 0;
    await runLoad({ clock: steppingClock(0.1), depth: 7, ms: 50, isStopped: going }, async () => {
      underWay += 1;
      most = Math.max(most, underWay);
      await Promise.resolve();
      underWay -= 1;
      return true;
    });
    expect(most).toBe(7);
  });

  it('ends early when it is stopped', async () => {
    let calls = 0;
    const isStopped = () => calls >= 3;
    const once = () => {
      calls += 1;
      return Promise.resolve(true);
    };
    expect((await runLoad({ clock: steppingClock(1), depth: 1, ms: 10_000, isStopped }, once)).count).toBe(3);
  });

  it('keeps a bounded part of the latencies, from its whole length', async () => {
    let calls = 0;
    const clock = steppingClock(1);
    const run = await runLoad({ clock, depth: 1, ms: 60_000, isStopped: () => calls >= 20_000 }, () => {
      calls += 1;
      if (calls > 10_000) clock.now();
      return Promise.resolve(true);
    });
    expect(run.latenciesMs.length).toBeLessThanOrEqual(1_000);
    expect(run.latenciesMs.length).toBeGreaterThan(400);
    const slow = run.latenciesMs.filter((ms) => ms > 1.5).length / run.latenciesMs.length;
    expect(slow).toBeCloseTo(0.5, 1);
  });

  it('joins runs, and knows the percentiles of both', () => {
    const fast = { count: 10, failed: 1, elapsedMs: 100, latenciesMs: [1, 1, 1, 1] };
    const slow = { count: 4, failed: 0, elapsedMs: 100, latenciesMs: [5, 6, 7, 8] };
    const both = joinedRuns([slow, fast]);
    expect(both).toEqual({ count: 14, failed: 1, elapsedMs: 200, latenciesMs: [1, 1, 1, 1, 5, 6, 7, 8] });
    expect([0, 0.5, 0.9, 1].map((share) => percentile(both.latenciesMs, share))).toEqual([1, 5, 8, 8]);
    expect(percentile([], 0.5)).toBeUndefined();
  });
});
