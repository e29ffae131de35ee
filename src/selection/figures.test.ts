import { describe, expect, it } from 'vitest';
import { CircuitBreaker } from './circuit-breaker.ts';
import { LatencyHistogram } from './latency-histogram.ts';
import { RetryBudget } from './retry-budget.ts';
import { loadFactor, refusedFactorOf } from './score.ts';
import { warmUpShare } from './share.ts';

it.each([
  // load, age in ms, factor
  [0, 0, 1],
  [0.6, 0, 1],
  [0.8, 0, 2.5],
  [1, 0, 4],
  [7, 0, 4],
  [-3, 0, 1],
  [Number.NaN, 0, 1],
  [1, 10_000, 4],
  [1, 20_000, 1 + 3 * ((0.65 - 0.6) / 0.4)],
  [1, 1_000_000, 1],
])('a load of %s that is %i ms old counts as %f', (load, ageMs, factor) => {
  expect(loadFactor(load, ageMs)).toBeCloseTo(factor, 9);
});

it.each([
  [0, 8],
  [500, 4.5],
  [1_000, 1],
  [Number.POSITIVE_INFINITY, 1],
  [-5, 8],
])('a refusal for want of room %s ms ago counts as %f', (ageMs, factor) => {
  expect(refusedFactorOf(ageMs)).toBe(factor);
});

it.each([
  [0, 0.1],
  [5_000, 0.55],
  [9_999.999, 1],
  [10_000, 1],
  [Number.POSITIVE_INFINITY, 1],
])('of %s ms of age the share is %f', (ageMs, share) => {
  expect(warmUpShare(ageMs)).toBeCloseTo(share, 5);
});

describe('the histogram', () => {
  it('says nothing after 19 answers, and after 20 what nearly all of them took', () => {
    const histogram = new LatencyHistogram();
    for (let i = 0; i < 19; i++) histogram.note(10);
    expect(histogram.quantile(0.95)).toBeUndefined();
    histogram.note(10);
    expect(histogram.quantile(0.95)! / 10).toBeCloseTo(1, 0);
  });

  it('is right within 10 %, from microseconds to hours', () => {
    for (const ms of [0.1, 1, 7, 123, 4_567, 100_000]) {
      const histogram = new LatencyHistogram();
      for (let i = 1; i <= 1_000; i++) histogram.note((ms * i) / 1_000);
      expect(histogram.quantile(0.95)! / (0.95 * ms)).toBeGreaterThan(0.95);
      expect(histogram.quantile(0.95)! / (0.95 * ms)).toBeLessThan(1.1);
    }
    const endless = new LatencyHistogram();
    for (let i = 0; i < 20; i++) endless.note(1e12);
    expect(endless.quantile(0.5)).toBeLessThan(1e9);
  });

  it('forgets', () => {
    const histogram = new LatencyHistogram();
    for (let i = 0; i < 5_000; i++) histogram.note(100);
    for (let i = 0; i < 12_000; i++) histogram.note(1);
    expect(histogram.quantile(0.99)).toBeLessThan(2);
  });
});

describe('the retry budget', () => {
  it('has twenty to begin with, a fifth of the calls, and five more a second', () => {
    const budget = new RetryBudget();
    const taken = (now: number) => {
      let count = 0;
      while (budget.take(now)) count += 1;
      return count;
    };
    expect(taken(0)).toBe(20);
    for (let call = 0; call < 100; call++) budget.note(0);
    expect([19, 20]).toContain(taken(0));
    expect(taken(1_000)).toBe(5);
    expect(taken(1_100)).toBeLessThanOrEqual(1);
  });

  it('of a service where everything fails tries no more than a fifth again', () => {
    const budget = new RetryBudget();
    let retries = 0;
    for (let call = 0; call < 60_000; call++) {
      budget.note(call);
      if (budget.take(call)) retries += 1;
    }
    expect(retries / 60_000).toBeGreaterThan(0.19);
    expect(retries / 60_000).toBeLessThan(0.21);
  });

  it('what costs four is affordable a quarter as often', () => {
    const budget = new RetryBudget();
    let copies = 0;
    for (let call = 0; call < 60_000; call++) {
      budget.note(call);
      if (budget.take(call, 4)) copies += 1;
    }
    expect(copies / 60_000).toBeGreaterThan(0.045);
    expect(copies / 60_000).toBeLessThan(0.055);
  });

  it('saves up for ten seconds and not for ever', () => {
    const budget = new RetryBudget();
    for (let call = 0; call < 100_000; call++) budget.note(call);
    let count = 0;
    while (budget.take(100_000)) count += 1;
    expect(count).toBeGreaterThan(1_000);
    expect(count).toBeLessThan(2_100);
  });
});

describe('the circuit breaker', () => {
  it('opens for 2 s, 4 s, 8 s … to a minute, with one trial at a time between', () => {
    const breaker = new CircuitBreaker();
    expect(breaker.state(0)).toBe('closed');
    let now = 0;
    breaker.open(now);
    const pauses: number[] = [];
    for (let round = 0; round < 7; round++) {
      const openedAt = now;
      while (breaker.state(now) === 'open') now += 100;
      pauses.push(now - openedAt);
      expect(breaker.state(now)).toBe('half-open');
      breaker.begin(now);
      expect(breaker.state(now)).toBe('open');
      breaker.failure(now);
    }
    expect(pauses).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
    while (breaker.state(now) === 'open') now += 100;
    breaker.begin(now);
    breaker.success(now);
    expect([breaker.state(now), breaker.failureShare(now), breaker.closedAt]).toEqual(['closed', 0, now]);
  });

  it('a late answer of before closes nothing, and a trial nobody waits for leaves it half-open', () => {
    const breaker = new CircuitBreaker();
    breaker.open(0);
    breaker.success(100);
    expect(breaker.state(100)).toBe('open');
    breaker.begin(2_000);
    breaker.abandon();
    expect(breaker.state(2_001)).toBe('half-open');
    breaker.begin(2_001);
    expect(breaker.state(2_001 + 9_999)).toBe('open');
    expect(breaker.state(2_001 + 10_000)).toBe('half-open');
  });

  it('is forgiven an opening for half a minute of doing well', () => {
    const breaker = new CircuitBreaker();
    breaker.open(0);
    breaker.begin(2_000);
    breaker.success(2_000);
    breaker.success(32_001);
    expect(breaker.openings).toBe(0);
  });
});
