import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NodeId } from '../protocol/ids.ts';
import { createVirtualRandom } from '../testing/virtual-random.ts';
import type { SelectionCandidate } from './candidate.ts';
import { choose } from './choose.ts';
import { rank } from './rank.ts';
import { failureFactor, loadFactor, scoreTerms } from './score.ts';
import { tierOf } from './tier.ts';

const candidate = (n: number, more: Partial<SelectionCandidate> = {}): SelectionCandidate => ({
  node: n.toString(16).padStart(16, '0') as NodeId,
  sameHost: false,
  state: 'alive',
  serviceState: 'up',
  inFlightHere: 0,
  load: undefined,
  loadAgeMs: 0,
  weight: 100,
  recentFailureAgeMs: undefined,
  ...more,
});

const candidates: fc.Arbitrary<SelectionCandidate> = fc.record({
  node: fc.integer({ min: 1, max: 99 }).map((n) => candidate(n).node),
  sameHost: fc.boolean(),
  state: fc.constantFrom('alive', 'degraded', 'suspect'),
  serviceState: fc.constantFrom('up', 'down', 'draining'),
  inFlightHere: fc.nat(1_000),
  load: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
  loadAgeMs: fc.nat(100_000),
  weight: fc.nat(300),
  recentFailureAgeMs: fc.option(fc.nat(20_000), { nil: undefined }),
});

/** Share of choices that fell on each. */
function shares(among: readonly SelectionCandidate[], seed: string, draws = 20_000): number[] {
  const { next } = createVirtualRandom(seed);
  const counts = among.map(() => 0);
  for (let i = 0; i < draws; i++) counts[among.indexOf(choose(among, next)!)]!++;
  return counts.map((count) => count / draws);
}

describe('the tiers', () => {
  it.each([
    [{ sameHost: true }, 'healthy-here'],
    [{}, 'healthy'],
    [{ state: 'degraded' }, 'slow'],
    [{ state: 'degraded', sameHost: true }, 'slow'],
    [{ recentFailureAgeMs: 999, sameHost: true }, 'failing'],
    [{ recentFailureAgeMs: 1_000 }, 'healthy'],
    [{ state: 'suspect', sameHost: true }, 'unsure'],
    [{ weight: 0 }, 'unweighted'],
    [{ serviceState: 'draining', sameHost: true }, 'draining'],
    [{ serviceState: 'down', sameHost: true }, 'down'],
    [{ serviceState: 'down', state: 'suspect' }, 'down'],
  ] as const)('%o is %s', (more, tier) => {
    expect(tierOf(candidate(1, more))).toBe(tier);
  });
});

describe('the score', () => {
  it.each([
    // load, age in ms, factor
    [0, 0, 1],
    [0.5, 0, 2],
    [0.9, 0, 10],
    [1, 0, 20],
    [undefined, 0, 2],
    [0, 5_000, 1 / (1 - 0.25)],
    [0, 1_000_000, 2],
    [1, 1_000_000, 2],
    [-3, 0, 1],
    [7, 0, 20],
  ])('load %s of age %i ms counts as %f', (load, ageMs, factor) => {
    expect(loadFactor(load, ageMs)).toBeCloseTo(factor, 9);
  });

  it.each([
    [undefined, 1],
    [0, 8],
    [5_000, 4.5],
    [10_000, 1],
    [99_999, 1],
  ])('a failure %s ms ago counts as %f', (ageMs, factor) => {
    expect(failureFactor(ageMs)).toBeCloseTo(factor, 9);
  });

  it('is (in flight + 1) · load · failure / weight', () => {
    const terms = scoreTerms(candidate(1, { inFlightHere: 2, load: 0.5, weight: 50, recentFailureAgeMs: 5_000 }));
    expect(terms).toEqual({ inFlight: 3, loadFactor: 2, failureFactor: 4.5, weight: 0.5, score: 54 });
    expect(scoreTerms(candidate(1, { weight: 0 })).score).toBe(Infinity);
  });
});

describe('the choice', () => {
  it('is none only where there is no candidate', () => {
    expect(choose([], () => 0)).toBeUndefined();
    fc.assert(
      fc.property(
        fc.array(candidates, { minLength: 1, maxLength: 8 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (among, draw) => {
          const chosen = choose(among, () => draw)!;
          expect(among).toContain(chosen);
          const eligible = rank(among).filter((it) => it.eligible);
          expect(eligible.map((it) => it.candidate)).toContain(chosen);
        },
      ),
    );
  });

  it('never falls on one that is down or draining while one is up', () => {
    fc.assert(
      fc.property(fc.array(candidates, { minLength: 1, maxLength: 8 }), (among) => {
        const chosen = choose(among, createVirtualRandom('up').next)!;
        if (among.some((it) => it.serviceState === 'up')) expect(chosen.serviceState).toBe('up');
        else if (among.some((it) => it.serviceState === 'draining')) expect(chosen.serviceState).toBe('draining');
      }),
    );
  });

  it('falls on one that is down when all are, as a last resort', () => {
    const down = candidate(1, { serviceState: 'down' });
    expect(choose([down], () => 0)).toBe(down);
  });

  it('keeps to the caller’s host while it is healthy there', () => {
    const here = candidate(1, { sameHost: true, load: 1, inFlightHere: 9 });
    expect(shares([candidate(2), here, candidate(3)], 'here')).toEqual([0, 1, 0]);
    expect(choose([{ ...here, state: 'suspect' }, candidate(2)], () => 0)?.node).toBe(candidate(2).node);
  });

  it('among equals is even', () => {
    for (const share of shares(
      [1, 2, 3, 4].map((n) => candidate(n)),
      'even',
    ))
      expect(share).toBeCloseTo(0.25, 1);
  });

  it('of two takes the less loaded, of four seldom the most loaded', () => {
    expect(shares([candidate(1, { load: 0.2 }), candidate(2, { load: 0.8 })], 'two')).toEqual([1, 0]);
    const four = shares(
      [0.1, 0.4, 0.6, 0.9].map((load, i) => candidate(i, { load })),
      'four',
    );
    // Of six pairs the best is in three, the worst loses all.
    expect(four[0]).toBeCloseTo(1 / 2, 1);
    expect(four[1]).toBeCloseTo(1 / 3, 1);
    expect(four[2]).toBeCloseTo(1 / 6, 1);
    expect(four[3]).toBe(0);
  });

  it('of two idle ones that differ only in noise takes either', () => {
    const [a, b] = shares([candidate(1, { load: 0.01 }), candidate(2, { load: 0.05 })], 'noise');
    expect(a).toBeCloseTo(0.5, 1);
    expect(b).toBeCloseTo(0.5, 1);
    expect(shares([candidate(1, { inFlightHere: 1 }), candidate(2)], 'one more')).toEqual([0, 1]);
  });

  it('evens out what is in flight: the fullest of 50 stays close to the mean (Mitzenmacher 2001)', () => {
    const { next } = createVirtualRandom('in flight');
    const chosenByTwo = Array.from({ length: 50 }, () => 0);
    const byOne = Array.from({ length: 50 }, () => 0);
    for (let i = 0; i < 5_000; i++) {
      const among = chosenByTwo.map((inFlightHere, n) => candidate(n, { inFlightHere }));
      chosenByTwo[among.indexOf(choose(among, next)!)]!++;
      byOne[Math.floor(next() * 50)]!++;
    }
    expect(Math.max(...chosenByTwo)).toBeLessThanOrEqual(100 + 4);
    expect(Math.max(...byOne)).toBeGreaterThan(115);
  });

  it('gives a heavier weight more of the work', () => {
    const { next } = createVirtualRandom('weights');
    const inFlight = [0, 0];
    for (let i = 0; i < 3_000; i++) {
      const among = [
        candidate(0, { weight: 200, inFlightHere: inFlight[0]! }),
        candidate(1, { inFlightHere: inFlight[1]! }),
      ];
      inFlight[among.indexOf(choose(among, next)!)]!++;
    }
    expect(inFlight[0]! / inFlight[1]!).toBeCloseTo(2, 1);
  });
});

describe('the ranking', () => {
  it('has everybody, best first, with the terms', () => {
    const ranked = rank([
      candidate(1, { serviceState: 'down' }),
      candidate(2, { load: 0.9 }),
      candidate(3, { load: 0.1 }),
      candidate(4, { state: 'suspect' }),
      candidate(5, { weight: 0 }),
    ]);
    expect(ranked.map((it) => Number.parseInt(it.candidate.node, 16))).toEqual([3, 2, 4, 5, 1]);
    expect(ranked.map((it) => it.eligible)).toEqual([true, true, false, false, false]);
    expect(ranked[1]?.terms.loadFactor).toBeCloseTo(10);
  });
});
