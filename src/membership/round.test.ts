import { describe, expect, it } from 'vitest';
import { createVirtualRandom } from '../testing/virtual-random.ts';
import { createRound } from './round.ts';

describe('a round', () => {
  it('[M4] takes every one once before any one twice', () => {
    const round = createRound<number>(createVirtualRandom('round').next);
    for (let i = 0; i < 10; i++) round.add(i);
    for (let turn = 0; turn < 5; turn++) {
      const seen = Array.from({ length: 10 }, () => round.next(() => true));
      expect(new Set(seen).size).toBe(10);
    }
  });

  it('[M4] shuffles', () => {
    const round = createRound<number>(createVirtualRandom('shuffle').next);
    for (let i = 0; i < 10; i++) round.add(i);
    const turns = Array.from({ length: 5 }, () => Array.from({ length: 10 }, () => round.next(() => true)).join());
    expect(new Set(turns).size).toBe(5);
  });

  it('takes a newcomer in this round, and drops who is not wanted', () => {
    const round = createRound<string>(createVirtualRandom('new').next);
    round.add('a');
    round.add('b');
    round.next(() => true);
    round.add('c');
    const rest = [round.next(() => true), round.next(() => true)];
    expect(rest).toContain('c');
    const wanted = (it: string) => it !== 'b';
    const later = Array.from({ length: 6 }, () => round.next(wanted));
    expect(later).not.toContain('b');
    expect(round.next(() => false)).toBeUndefined();
    expect(round.next(() => true)).toBeUndefined();
  });
});
