import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReplayWindow, replayWindowSize } from './replay-window.ts';

/** The same, by remembering everything. */
function takenBySet(counters: readonly number[]): boolean[] {
  const seen = new Set<number>();
  let highest = 0;
  return counters.map((counter) => {
    const isTaken = counter >= 1 && !seen.has(counter) && counter > highest - replayWindowSize;
    if (isTaken) {
      seen.add(counter);
      highest = Math.max(highest, counter);
    }
    return isTaken;
  });
}

function takenByWindow(counters: readonly number[]): boolean[] {
  const window = new ReplayWindow();
  return counters.map((counter) => {
    const isTaken = window.isFresh(counter);
    if (isTaken) window.mark(counter);
    return isTaken;
  });
}

describe('ReplayWindow [K5]', () => {
  it('takes each counter once, in whatever order, and none that is too old to tell', () => {
    const steps = fc.array(
      fc.oneof(
        fc.integer({ min: 0, max: 40 }),
        fc.integer({ min: 900, max: 1_200 }),
        fc.integer({ min: 0, max: 5_000 }),
      ),
      { maxLength: 400 },
    );
    fc.assert(
      fc.property(steps, (counters) => {
        expect(takenByWindow(counters)).toEqual(takenBySet(counters));
      }),
    );
  });

  it('takes counters that wander upwards as a network reorders them', () => {
    const drift = fc.array(fc.tuple(fc.integer({ min: 0, max: 700 }), fc.integer({ min: 0, max: 1_100 })), {
      maxLength: 300,
    });
    fc.assert(
      fc.property(drift, (steps) => {
        let at = 1;
        const counters = steps.map(([up, back]) => {
          at += up;
          return Math.max(0, at - back);
        });
        expect(takenByWindow(counters)).toEqual(takenBySet(counters));
      }),
    );
  });

  it('takes nothing from before its beginning', () => {
    const window = new ReplayWindow();
    window.begin(500);
    expect([1, 499, 500, 501].map((counter) => window.isFresh(counter))).toEqual([false, false, false, true]);
    window.mark(503);
    expect([499, 501, 502, 503].map((counter) => window.isFresh(counter))).toEqual([false, true, true, false]);
    window.mark(3_000);
    expect([500, 1_976, 1_977, 2_999].map((counter) => window.isFresh(counter))).toEqual([false, false, true, true]);
  });

  it('is 1,024 wide', () => {
    const window = new ReplayWindow();
    window.mark(2_000);
    expect(window.isFresh(2_000 - replayWindowSize)).toBe(false);
    expect(window.isFresh(2_000 - replayWindowSize + 1)).toBe(true);
  });
});
