import { describe, expect, it } from 'vitest';
import { suspicionTimeMs } from './suspicion-time.ts';
import { timingProfiles } from './timing.ts';

const timing = { probeIntervalMs: 100, suspicionFactor: 5, suspicionShareMin: 0.4 };

describe('the suspicion time', () => {
  it.each([
    // live, confirmations, ms
    [10, 0, 500],
    [10, 1, 350],
    [10, 3, 200],
    [10, 9, 200],
    [100, 0, 1_000],
    [100, 3, 400],
    [1_000, 0, 1_500],
    // Nobody is there who could confirm.
    [2, 0, 500],
    [1, 0, 500],
    // Only one is, and has.
    [3, 1, 200],
    [4, 1, 500 - 300 * (Math.log(2) / Math.log(3))],
  ])('[M5] of %i live and %i confirmations is %f ms', (live, confirmations, ms) => {
    expect(suspicionTimeMs(timing, live, confirmations)).toBeCloseTo(ms, 6);
  });

  it('[M5] falls with every confirmation and grows with the cluster', () => {
    for (const profile of Object.values(timingProfiles)) {
      for (let live = 2; live < 300; live++) {
        expect(suspicionTimeMs(profile, live + 1, 0)).toBeGreaterThanOrEqual(suspicionTimeMs(profile, live, 0));
        for (let c = 0; c < 5; c++) {
          expect(suspicionTimeMs(profile, live, c + 1)).toBeLessThanOrEqual(suspicionTimeMs(profile, live, c));
        }
      }
    }
  });

  it('gives a stalled program more time than any probe has', () => {
    for (const profile of Object.values(timingProfiles)) {
      expect(suspicionTimeMs(profile, 2_000, 9)).toBeGreaterThan(profile.probeDeadlineMs);
      expect(profile.probeDeadlineMs).toBeGreaterThan(3 * profile.probeTimeoutMs);
    }
  });
});
