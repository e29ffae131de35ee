import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memberStates } from '../protocol/member-update.ts';
import { type Claim, isLive, mergeClaims, overrides } from './merge.ts';

// Few values, so that equal incarnations and states are common.
const claims: fc.Arbitrary<Claim> = fc.record({
  incarnation: fc.integer({ min: 1, max: 4 }),
  state: fc.constantFrom(...memberStates),
  recordVersion: fc.integer({ min: 0, max: 3 }),
});

describe('the merge of claims', () => {
  it('[M1] is commutative', () => {
    fc.assert(
      fc.property(claims, claims, (a, b) => {
        expect(mergeClaims(a, b)).toEqual(mergeClaims(b, a));
      }),
    );
  });

  it('[M1] is associative', () => {
    fc.assert(
      fc.property(claims, claims, claims, (a, b, c) => {
        expect(mergeClaims(mergeClaims(a, b), c)).toEqual(mergeClaims(a, mergeClaims(b, c)));
      }),
    );
  });

  it('[M1] is idempotent', () => {
    fc.assert(
      fc.property(claims, claims, (a, b) => {
        expect(mergeClaims(a, a)).toEqual(a);
        expect(mergeClaims(mergeClaims(a, b), b)).toEqual(mergeClaims(a, b));
      }),
    );
  });

  it('[M1] lets the higher incarnation win, whatever it says', () => {
    for (const state of memberStates) {
      expect(overrides({ incarnation: 2, state: 'alive' }, { incarnation: 1, state })).toBe(true);
      expect(overrides({ incarnation: 1, state }, { incarnation: 2, state: 'alive' })).toBe(false);
    }
  });

  it('[M1] orders alive < degraded < suspect < dead < left at the same incarnation', () => {
    memberStates.forEach((state, i) => {
      memberStates.forEach((other, j) => {
        expect(overrides({ incarnation: 1, state }, { incarnation: 1, state: other })).toBe(i > j);
      });
    });
  });

  it('[M9] counts alive, degraded and suspect as live', () => {
    expect(memberStates.filter(isLive)).toEqual(['alive', 'degraded', 'suspect']);
  });
});
