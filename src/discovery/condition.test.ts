import { describe, expect, it } from 'vitest';
import type { Clock } from '../runtime/clock.ts';
import { createCondition } from './condition.ts';
import { growingPause, spread } from './growing-pause.ts';
import { createRateLimit } from './rate-limit.ts';

describe('growing pauses', () => {
  it.each([
    [1, 1_000],
    [2, 2_000],
    [5, 16_000],
    [6, 30_000],
    [1_000_000, 30_000],
  ])('after %d failures it is %d ms', (failures, pauseMs) => {
    expect(growingPause(failures)).toBe(pauseMs);
  });

  it('are spread by 20 % either way', () => {
    expect(spread(1_000, 0)).toBe(800);
    expect(spread(1_000, 0.5)).toBe(1_000);
    expect(spread(1_000, 0.999_999)).toBeCloseTo(1_200, 2);
  });
});

describe('a condition', () => {
  it('keeps since when it fails, asks for retries ever more rarely, and begins anew after success', () => {
    let now = 0;
    const clock: Clock = { now: () => now, wallTime: () => 0, schedule: () => ({ cancel() {} }) };
    const condition = createCondition(clock);
    expect(condition.state).toBe('starting');
    now = 100;
    condition.fail(Object.assign(new Error('no such device'), { code: 'ENODEV' }));
    expect([condition.state, condition.since, condition.lastError]).toEqual(['failing', 100, 'ENODEV']);
    now = 1_099;
    expect(condition.isRetryDue()).toBe(false);
    now = 1_100;
    expect(condition.isRetryDue()).toBe(true);
    condition.fail(new Error('still not'));
    expect([condition.since, condition.lastError]).toEqual([100, 'still not']);
    now = 3_000;
    expect(condition.isRetryDue()).toBe(false);
    now = 3_100;
    expect(condition.isRetryDue()).toBe(true);
    condition.succeed();
    expect([condition.state, condition.since, condition.lastError]).toEqual(['working', 3_100, 'still not']);
    condition.fail(new Error('again'));
    now = 4_100;
    expect(condition.isRetryDue()).toBe(true);
  });
});

describe('a rate limit', () => {
  it('permits its number at once, and then one at a time', () => {
    const limit = createRateLimit(10);
    let taken = 0;
    for (let i = 0; i < 50; i++) if (limit.take(5_000)) taken += 1;
    expect(taken).toBe(10);
    expect(limit.take(5_099)).toBe(false);
    expect(limit.take(5_101)).toBe(true);
    taken = 0;
    for (let at = 6_000; at < 16_000; at += 10) if (limit.take(at)) taken += 1;
    expect(taken).toBeGreaterThanOrEqual(99);
    expect(taken).toBeLessThanOrEqual(110);
  });
});
