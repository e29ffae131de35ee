import { expect, it } from 'vitest';
import { aboutWith, fieldWith } from '../../test/selection/candidates.ts';
import { account, explain } from '../selection/explain.ts';
import { decisionText } from './decision-text.ts';
import { noPaint } from './paint.ts';

const field = fieldWith(
  { sameHost: true, latencyMs: 5, load: 0.41 },
  { latencyMs: 6, rttMs: 0.31, firstSeenAt: -5_000, inFlight: 2 },
  { service: 'draining' },
);

it('is a table with a verdict below it', () => {
  const lines = decisionText(explain('best', '', field, aboutWith('text')), noPaint);
  expect(lines[0]).toMatch(
    /^NODE +STATE +SHARE +SCORE +LATENCY +QUEUE +IN FLIGHT +LOAD +RTT +WEIGHT +FAILED +AGE +WHY$/,
  );
  expect(lines[1]).toMatch(/^n1 \(this host\) +up +\d+ % +\S+ +\S+ ms .* 41 % \(x 1\.0\) +– +100 +0 %/);
  expect(lines[2]).toMatch(/^n2 .* 0\.31 ms +100 x 0\.55 .*new for 5\.0 s: 55 % of its share$/);
  expect(lines[3]).toMatch(/^n3 +draining +0 % .*draining: it is to be given no new work$/);
  expect(lines[4]).toMatch(/^to n[12] \(best/);
});

it('of a single choice has no shares, and says how many are left out', () => {
  const told = account('sticky', field.all[1], [], field, aboutWith('one'), 1);
  const lines = decisionText(told, noPaint);
  expect(lines[0]).not.toContain('SHARE');
  expect(lines.slice(-2)).toEqual(['and 1 more', 'to n2 (sticky)']);
});

it('says so where there is nobody', () => {
  const nobody = explain('best', '', fieldWith(), aboutWith('none'));
  expect(decisionText(nobody, noPaint)).toEqual(['nobody serves it']);
  expect(decisionText(explain('best', '', fieldWith({ service: 'draining' }), aboutWith('one')), noPaint).at(-1)).toBe(
    'nobody (best)',
  );
});
