import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idOf } from '../../test/simulation/one-machine.ts';
import { watchedBy } from './watch-ring.ts';

describe('[M12] whom a node watches', () => {
  it.each([
    [1, [2, 3, 4, 5], [2, 3, 4]],
    [4, [1, 2, 3, 5], [5, 1, 2]],
    [5, [1, 2], [1, 2]],
    [1, [], []],
    [1, [1], []],
  ])('%i among %j: %j', (self, others, watched) => {
    expect(watchedBy(idOf(self), others.map(idOf))).toEqual(watched.map(idOf));
  });

  it('each of four or more is watched by three, in whatever order they are known', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 500 }), { minLength: 4, maxLength: 20 }), (numbers) => {
        const all = numbers.map(idOf);
        for (const node of all) {
          const watchers = all.filter((it) => watchedBy(it, [...all].reverse()).includes(node));
          expect(watchers).toHaveLength(3);
        }
      }),
    );
  });
});
