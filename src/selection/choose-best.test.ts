import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aboutWith, type CandidateFields, fieldWith, sharesOf } from '../../test/selection/candidates.ts';
import { bestTier, chooseBest } from './choose-best.ts';
import type { Field } from './field.ts';

/** Share of each, one after the other chosen and answered at once. */
function shares(field: Field, seed: string, now = 0): number[] {
  const about = aboutWith(seed, now);
  return sharesOf(field, () => chooseBest(field, about));
}

describe('the best instance', () => {
  it('is none only where there is no candidate', () => {
    expect(chooseBest(fieldWith(), aboutWith('none'))).toBeUndefined();
  });

  it('is always one of the best tier there is', () => {
    const fields: fc.Arbitrary<CandidateFields> = fc.record({
      sameHost: fc.boolean(),
      state: fc.constantFrom('alive', 'degraded', 'suspect'),
      service: fc.constantFrom('up', 'warning', 'down'),
      weight: fc.nat(300),
      inFlight: fc.nat(5),
      load: fc.double({ min: 0, max: 1, noNaN: true }),
      rttMs: fc.double({ min: 0.1, max: 100, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(fields, { minLength: 1, maxLength: 8 }), fc.string(), (given, seed) => {
        const field = fieldWith(...given);
        const about = aboutWith(seed);
        expect(bestTier(field.all, about)).toContain(chooseBest(field, about));
      }),
    );
  });

  it('is never one to be avoided, nor one that drains', () => {
    const field = fieldWith({}, {}, {});
    const [one, two, three] = field.all;
    const about = aboutWith('avoid', 0, [one!, three!]);
    for (let draw = 0; draw < 100; draw++) expect(chooseBest(field, about)).toBe(two);
    expect(chooseBest(field, aboutWith('all', 0, [one!, two!, three!]))).toBeUndefined();
    expect(chooseBest(fieldWith({ service: 'draining' }), aboutWith('draining'))).toBeUndefined();
  });

  it.each([
    ['one that is down when all are, as a last resort', [{ service: 'down' }, { service: 'down' }]],
    ['one whose node is suspect, rather than one that is down', [{ state: 'suspect' }, { service: 'down' }]],
    ['one whose node is degraded, rather than a suspect one', [{ state: 'degraded' }, { state: 'suspect' }]],
    ['a suspect one, rather than one of weight 0', [{ state: 'suspect' }, { weight: 0 }]],
  ] as const)('is %s', (_what, given) => {
    const field = fieldWith(...given);
    const share = shares(field, 'tiers');
    expect(given.length === 2 && 'service' in given[0] ? share[0]! + share[1]! : share[0]).toBe(1);
  });

  it('among equals is each as often as its weight says', () => {
    for (const share of shares(fieldWith({}, {}, {}, {}), 'even')) expect(share).toBeCloseTo(0.25, 1);
    const [canary, ...rest] = shares(fieldWith({ weight: 5 }, {}, {}, {}), 'canary');
    expect(canary).toBeGreaterThan(0.005);
    expect(canary).toBeLessThan(0.035);
    for (const share of rest) expect(share).toBeCloseTo(0.33, 1);
    expect(shares(fieldWith({ weight: 300 }, { weight: 100 }), 'two')[0]).toBeCloseTo(0.75, 1);
  });

  it('is the one of this host while it does as well as the others, and not when it does worse', () => {
    expect(shares(fieldWith({}, { sameHost: true }, {}, {}), 'here')[1]).toBe(1);
    expect(shares(fieldWith({}, { sameHost: true, inFlight: 20 }, {}, {}), 'busy')[1]).toBeLessThan(0.02);
    const slow = { sameHost: true, latencyMs: 50 };
    expect(shares(fieldWith({ latencyMs: 5 }, slow, { latencyMs: 5 }, { latencyMs: 5 }), 'slow')[1]).toBeLessThan(0.02);
    expect(shares(fieldWith({ load: 0.1 }, { sameHost: true, load: 0.98 }, { load: 0.1 }), 'load')[1]).toBeLessThan(
      0.5,
    );
  });

  it('being on this host gives a canary no more than its share', () => {
    expect(shares(fieldWith({}, {}, {}, { sameHost: true, weight: 1 }), 'canary')[3]).toBeLessThan(0.05);
  });

  it('of two with unequal work under way is the one with less', () => {
    expect(shares(fieldWith({ inFlight: 3 }, { inFlight: 1 }), 'work')[1]).toBeGreaterThan(0.95);
  });

  it('is hardly ever one that takes ten times as long', () => {
    const share = shares(fieldWith({ latencyMs: 5 }, { latencyMs: 50 }, { latencyMs: 5 }), 'slow');
    expect(share[1]).toBeLessThan(0.002);
    expect(share[0]).toBeGreaterThan(0.4);
    expect(share[2]).toBeGreaterThan(0.4);
  });

  it('of those that differ only in noise is any', () => {
    for (const share of shares(
      fieldWith({ load: 0.01 }, { load: 0.45 }, { latencyMs: 5 }, { latencyMs: 6 }),
      'noise',
    )) {
      expect(share).toBeGreaterThan(0.2);
    }
  });

  it('is seldom on a host that says it is full, and not always the one that says it is least loaded', () => {
    const share = shares(fieldWith({ load: 1 }, { load: 0.6 }, { load: 0.3 }, { load: 0.1 }), 'loads');
    expect(share[0]).toBeLessThan(0.125);
    expect(share[2]! + share[3]!).toBeLessThan(0.8);
  });

  it('is seldom on a full host that is quick for a moment, unless it is quicker by more than that weighs', () => {
    const share = (full: number, idle: number) =>
      shares(fieldWith({ load: 1, latencyMs: full }, { load: 0.1, latencyMs: idle }), `${full}`)[0]!;
    expect(share(5, 12)).toBeLessThan(0.25);
    expect(share(5, 50)).toBeGreaterThan(0.75);
  });

  it('is one far away only when the near ones have enough to do', () => {
    const near = { rttMs: 0.3, latencyMs: 5 };
    const far = { rttMs: 40, latencyMs: 45 };
    expect(shares(fieldWith(near, far, far, far), 'near')[0]).toBeGreaterThan(0.99);
    expect(shares(fieldWith({ ...near, inFlight: 60 }, far, far), 'full')[0]).toBeLessThan(0.05);
  });

  it('a new one has a tenth of its share at first, all of it after ten seconds, and never more than even', () => {
    const busy = { inFlight: 8, latencyMs: 5, firstSeenAt: -60_000 };
    const shareAt = (ageMs: number) => shares(fieldWith({ firstSeenAt: -ageMs }, busy, busy, busy), `age ${ageMs}`)[0]!;
    expect(shareAt(0)).toBeLessThan(0.05);
    expect(shareAt(5_000)).toBeLessThan(0.2);
    expect(shareAt(9_900)).toBeLessThanOrEqual(0.27);
    expect(shareAt(10_000)).toBeGreaterThan(0.5);
  });

  it('where all are new, they are as all old ones', () => {
    for (const share of shares(fieldWith({ firstSeenAt: 0 }, { firstSeenAt: 0 }, { firstSeenAt: 0 }), 'all')) {
      expect(share).toBeCloseTo(0.33, 1);
    }
  });

  it('one whose node stood still a moment ago is for when the others have twice as much to do', () => {
    const shaky = { state: 'degraded', isShaky: true } as const;
    expect(shares(fieldWith(shaky, {}, {}), 'shaky')[0]).toBeLessThan(0.02);
    expect(shares(fieldWith(shaky, { inFlight: 6 }, { inFlight: 6 }), 'laden')[0]).toBeGreaterThan(0.9);
  });

  it('one that warns of itself gets a small share', () => {
    const share = shares(fieldWith({ service: 'warning' }, {}, {}), 'warning')[0]!;
    expect(share).toBeGreaterThan(0.01);
    expect(share).toBeLessThan(0.15);
  });

  it('evens out what is under way: the fullest of 50 stays close to the mean (Mitzenmacher 2001)', () => {
    const field = fieldWith(...Array.from({ length: 50 }, () => ({})));
    const about = aboutWith('in flight');
    for (let i = 0; i < 5_000; i++) chooseBest(field, about)?.track.begin(0);
    const counts = field.all.map(({ track }) => track.inFlight);
    expect(Math.max(...counts)).toBeLessThanOrEqual(120);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(85);
  });
});
