import { describe, expect, it } from 'vitest';
import { aboutWith, fieldWith, sharesOf } from '../../test/selection/candidates.ts';
import type { Candidate } from './candidate.ts';
import { chooseBy } from './choose-by.ts';
import { type Strategy, strategies } from './strategy.ts';

const choices = (strategy: Strategy, field: ReturnType<typeof fieldWith>, seed = 'by', key = 'k') => {
  const about = aboutWith(seed);
  return sharesOf(field, () => chooseBy(strategy, key, field, about), 6_000);
};

describe.each(strategies)('the strategy %s', (strategy) => {
  it('finds none where there is none, and the last resort where nobody is well', () => {
    expect(chooseBy(strategy, 'k', fieldWith(), aboutWith('none'))).toBeUndefined();
    const field = fieldWith({ service: 'down' }, { state: 'suspect' });
    expect(chooseBy(strategy, 'k', field, aboutWith('last'))?.name).toBe('n2');
  });

  it('takes nobody that is to be avoided, drains, is down or has no weight', () => {
    const field = fieldWith({ service: 'draining' }, {}, { service: 'down' }, { weight: 0 }, {});
    const about = aboutWith('avoid', 0, [field.all[1]!]);
    for (let draw = 0; draw < 50; draw++) expect(chooseBy(strategy, `k${draw}`, field, about)?.name).toBe('n5');
  });

  it('takes nobody that is left out', () => {
    const field = fieldWith({}, {}, {});
    field.all[0]!.track.begin(0);
    field.all[0]!.track.end(0, 0, 'unreachable');
    expect(choices(strategy, field)[0]).toBe(0);
  });
});

it('random is by weight', () => {
  const shares = choices('random', fieldWith({ weight: 100 }, { weight: 200 }, { weight: 300 }));
  [1 / 6, 1 / 3, 1 / 2].forEach((share, at) => expect(shares[at]).toBeCloseTo(share, 1));
});

describe('round-robin', () => {
  it('goes round', () => {
    const field = fieldWith({}, {}, {});
    const about = aboutWith('round');
    const names = Array.from({ length: 6 }, () => chooseBy('round-robin', '', field, about)?.name);
    expect(names).toEqual(['n1', 'n2', 'n3', 'n1', 'n2', 'n3']);
  });

  it('by weights takes turns evenly: of ten in a row a tenth is never far from a tenth', () => {
    const field = fieldWith({ weight: 10 }, { weight: 90 });
    const about = aboutWith('round');
    const rare = Array.from({ length: 200 }, () => chooseBy('round-robin', '', field, about)?.name === 'n1');
    expect(rare.filter(Boolean).length).toBeGreaterThanOrEqual(18);
    expect(rare.filter(Boolean).length).toBeLessThanOrEqual(22);
    for (let at = 0; at < 180; at++) expect(rare.slice(at, at + 20).filter(Boolean).length).toBeLessThanOrEqual(4);
  });

  it('looking does not take a turn', () => {
    const field = fieldWith({}, {});
    const about = aboutWith('look');
    const seen: Candidate[] = [];
    for (let i = 0; i < 3; i++) expect(chooseBy('round-robin', '', field, { ...about, seen })?.name).toBe('n1');
    expect(chooseBy('round-robin', '', field, about)?.name).toBe('n1');
    expect(chooseBy('round-robin', '', field, about)?.name).toBe('n2');
  });
});

it('least-loaded goes where the least is under way and the load is low, however slow that is', () => {
  const shares = choices('least-loaded', fieldWith({ inFlight: 5, latencyMs: 1 }, { latencyMs: 90 }, { load: 1 }));
  expect(shares[1]).toBe(1);
});

it('nearest goes to this host, else to the shortest way, and among as near ones to the better', () => {
  const far = { rttMs: 20 };
  expect(choices('nearest', fieldWith(far, { rttMs: 0.4 }, { sameHost: true, inFlight: 50 }))).toEqual([0, 0, 1]);
  expect(choices('nearest', fieldWith(far, { rttMs: 0.4, inFlight: 9 }, { rttMs: 0.5 }, far))).toEqual([0, 0, 1, 0]);
});

describe('sticky', () => {
  const keys = Array.from({ length: 4_000 }, (_, n) => `customer ${n}`);
  const placesOf = (field: ReturnType<typeof fieldWith>, avoid: readonly Candidate[] = []) =>
    keys.map((key) => chooseBy('sticky', key, field, aboutWith('sticky', 0, avoid))?.name);

  it('leads a key to the same instance every time, and keys to all of them', () => {
    const field = fieldWith({}, {}, {}, {});
    const places = placesOf(field);
    expect(placesOf(field)).toEqual(places);
    for (const name of ['n1', 'n2', 'n3', 'n4']) {
      expect(places.filter((place) => place === name).length / keys.length).toBeCloseTo(0.25, 1);
    }
  });

  it('moves only the keys of the one that goes, and they come back with it', () => {
    const field = fieldWith({}, {}, {}, {});
    const before = placesOf(field);
    const without = placesOf(field, [field.all[1]!]);
    before.forEach((place, at) =>
      place === 'n2' ? expect(without[at]).not.toBe('n2') : expect(without[at]).toBe(place),
    );
    expect(placesOf(field)).toEqual(before);
  });

  it('gives a heavier one more of the keys', () => {
    const places = placesOf(fieldWith({ weight: 300 }, { weight: 100 }));
    expect(places.filter((place) => place === 'n1').length / keys.length).toBeCloseTo(0.75, 1);
  });
});
