import { expect, it } from 'vitest';
import { writeDnsName } from './dns-name.ts';
import { Writer } from './writer.ts';

it.each([
  ['', [0]],
  ['ab', [2, 97, 98, 0]],
  ['a.bc', [1, 97, 2, 98, 99, 0]],
  ['a.', [1, 97, 0]],
])('the name %j is its labels and the root', (name, bytes) => {
  const writer = new Writer(16);
  writeDnsName(writer, name);
  expect([...writer.copy()]).toEqual(bytes);
});
