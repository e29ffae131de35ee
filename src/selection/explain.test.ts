import { expect, it } from 'vitest';
import { aboutWith, fieldWith } from '../../test/selection/candidates.ts';
import { account, explain } from './explain.ts';

it('ranks all, best first, and says of each why it is not taken', () => {
  const field = fieldWith(
    { service: 'down' },
    { latencyMs: 5 },
    { latencyMs: 80 },
    { state: 'suspect' },
    { weight: 0 },
    { service: 'draining' },
    { service: 'warning', latencyMs: 40 },
    { state: 'degraded' },
    { firstSeenAt: -4_000, latencyMs: 40 },
  );
  const silent = field.all[1]!.track;
  expect(silent.fitness(0)).toBe('fit');
  const view = explain('best', '', field, aboutWith('explain'));
  expect(view.drawn).toContain(view.chosen);
  expect(view.candidates[0]?.node).toBe('n2');
  expect(view.candidates.map(({ node }) => node).slice(-5)).toEqual(['n8', 'n4', 'n5', 'n6', 'n1']);
  const why = Object.fromEntries(view.candidates.map((row) => [row.node, row.why]));
  expect(why).toMatchObject({
    n1: 'down, by its own word or its checks',
    n2: '',
    n4: 'its node is suspect: it may be gone',
    n5: 'its weight is 0',
    n6: 'draining: it is to be given no new work',
    n7: 'warns of itself: 25 % of its share',
    n8: 'its node is degraded: it answers late or not at all',
    n9: 'new for 4.0 s: 46 % of its share',
  });
  const shares = view.candidates.map(({ share }) => share ?? 0);
  expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1);
  expect(view.candidates[0]?.share).toBeGreaterThan(0.5);
});

it('says of one that is left out why and for how long, and of one that hangs since when', () => {
  const field = fieldWith({ latencyMs: 5 }, { latencyMs: 5 }, { latencyMs: 5 }, { latencyMs: 5 });
  const [hangs, gone, fails] = field.all;
  hangs!.track.begin(1_000);
  gone!.track.begin(2_900);
  gone!.track.end(2_900, 0, 'unreachable');
  for (let i = 0; i < 5; i++) {
    fails!.track.begin(2_500);
    fails!.track.end(2_500, 1, 'failed');
  }
  hangs!.track.begin(2_900);
  const { candidates } = explain('best', '', field, aboutWith('left out', 3_000));
  const why = Object.fromEntries(candidates.map((row) => [row.node, row.why]));
  expect(why['n1']).toBe('silent for 2.0 s with 2 under way');
  expect(why['n2']).toBe('left out for 0.9 s more: it could not be reached');
  expect(why['n3']).toBe('left out for 1.5 s more: 5 failures running');
  expect(candidates.find(({ node }) => node === 'n3')?.failureShare).toBeGreaterThan(0.1);
});

it('changes nothing', () => {
  const field = fieldWith({}, {}, {});
  explain('round-robin', '', field, aboutWith('a'));
  explain('best', '', field, aboutWith('b'));
  expect([field.figures.turn, field.figures.inFlight]).toEqual([0, 0]);
});

it('the account of one choice among very many has the best of them and all that were drawn', () => {
  const field = fieldWith(...Array.from({ length: 100 }, (_, n) => ({ latencyMs: 1 + n })));
  const seen = [field.all[70]!, field.all[90]!];
  const told = account('random', field.all[90], seen, field, aboutWith('many'), 8);
  expect(told.candidates).toHaveLength(10);
  expect(told.candidates.slice(-2).map(({ node }) => node)).toEqual(['n71', 'n91']);
  expect([told.chosen, told.candidateCount]).toEqual(['n91', 100]);
  expect(told.drawn).toEqual(['n71', 'n91']);
  expect(told.candidates.every(({ share }) => share === null)).toBe(true);
});
