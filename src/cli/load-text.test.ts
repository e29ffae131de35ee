import { expect, it } from 'vitest';
import type { NodesView } from '../api/views.ts';
import { loadText } from './load-text.ts';
import { paintFor } from './paint.ts';

const paint = paintFor({ isTTY: false }, {}, false);

function view(loads: Readonly<Record<string, number | null>>): NodesView {
  const nodes = Object.entries(loads).map(([name, load]) => ({
    ...{ id: name, name, load, state: 'alive', address: '', rttMs: null, services: [], since: '', foundBy: [] },
  })) as NodesView['nodes'];
  return { cluster: 'c', self: 'b', posture: 'open', nodes };
}

it('hosts by load, the fullest first, and what keeps this one busy', () => {
  const terms = [
    { name: 'memory', load: 0, detail: '40 % used' },
    { name: 'cpu', load: 0.42, detail: '50 % of 2' },
  ] as const;
  expect(loadText(view({ a: 0.91, b: null, c: null }), { host: 0.42, terms }, paint)).toEqual([
    '',
    'HOST      LOAD',
    'a         91 %',
    'b (here)  42 %',
    '',
    'HERE    LOAD  MEASURED',
    'cpu     42 %  50 % of 2',
    'memory   0 %  40 % used',
  ]);
  expect(loadText(view({ a: 0.9 }), { host: 0.42, terms }, paint)).toEqual(['', 'HOST  LOAD', 'a     90 %']);
  expect(loadText(view({ a: null }), { host: null, terms: [] }, paint)).toEqual(['', 'No host has told its load yet.']);
});
