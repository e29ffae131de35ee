import { describe, expect, it } from 'vitest';
import { idOf } from '../../test/simulation/one-machine.ts';
import type { MemberCause, MemberState } from '../protocol/member-update.ts';
import type { Member } from './member.ts';
import { isHealed, partitionsOf } from './partition.ts';

const member = (n: number, state: MemberState, since: number, cause?: MemberCause): Member => ({
  id: idOf(n),
  name: `node-${n}`,
  incarnation: 1,
  state,
  claimed: state,
  cause,
  unstable: false,
  observations: [],
  addresses: [],
  reachedAt: { address: '10.0.0.1', port: n },
  versionOldest: 1,
  versionNewest: 1,
  recordVersion: 0,
  since,
  rttMs: undefined,
  minRttMs: undefined,
  foundBy: [],
});

describe('[M17] a partition', () => {
  it('is two or more that fell silent together', () => {
    const members = [
      member(1, 'alive', 0),
      member(2, 'dead', 9_000, 'silent'),
      member(3, 'dead', 5_000, 'silent'),
      member(4, 'dead', 30_000, 'silent'),
      member(5, 'left', 9_000),
    ];
    expect(partitionsOf(members)).toEqual([{ since: 5_000, until: 9_000, there: [idOf(3), idOf(2)] }]);
  });

  it('is none where processes were found gone', () => {
    expect(partitionsOf([member(2, 'dead', 9_000, 'refused'), member(3, 'dead', 9_001, 'refused')])).toEqual([]);
  });

  it('is healed when half of them are back', () => {
    const partition = { since: 0, until: 0, there: [idOf(2), idOf(3), idOf(4)] };
    expect(isHealed(partition, (id) => id === idOf(2))).toBe(false);
    expect(isHealed(partition, (id) => id !== idOf(2))).toBe(true);
  });
});
