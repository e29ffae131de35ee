import { expect, it } from 'vitest';
import { nearestWord } from './nearest-word.ts';

const words = ['name', 'cluster', 'open', 'port', 'http', 'socket', 'data', 'seeds', 'serve', 'log'];

it.each([
  ['sevre', 'serve'],
  ['serv', 'serve'],
  ['Cluster', 'cluster'],
  ['clutser', 'cluster'],
  ['sokcet', 'socket'],
  ['pot', 'port'],
  ['elephant', undefined],
  ['', undefined],
])('%j means %j', (word, meant) => {
  expect(nearestWord(word, words)).toBe(meant);
});
