import { describe, expect, it } from 'vitest';
import { deriveTiming, detectionMs } from './derive-timing.ts';
import { timingProfiles } from './timing.ts';

const { lan } = timingProfiles;
const quiet = { rttMs: [0.3, 0.5], unanswered: 0, live: 10 };

describe('[M18] timing for a goal', () => {
  it.each([1_000, 2_000, 5_000, 20_000])('on a quiet LAN %i ms are met', (goalMs) => {
    const { timing, detectsWithinMs, limit } = deriveTiming(lan, goalMs, quiet);
    expect(limit).toBeUndefined();
    expect(detectsWithinMs).toBeLessThanOrEqual(goalMs + 30);
    expect(detectsWithinMs).toBeGreaterThan(goalMs * 0.9);
    expect(detectionMs(timing, 10)).toBeCloseTo(detectsWithinMs, -1);
  });

  it('says what is possible where round trips are long', () => {
    const { detectsWithinMs, limit, timing } = deriveTiming(lan, 1_000, { ...quiet, rttMs: [80] });
    expect(limit).toBe('round-trips');
    expect(timing.probeTimeoutMs).toBeGreaterThanOrEqual(3 * 80);
    expect(detectsWithinMs).toBeGreaterThan(1_000);
  });

  it('is patient where much is lost', () => {
    const lossy = deriveTiming(lan, 1_000, { ...quiet, rttMs: [30], unanswered: 0.5 });
    expect(lossy.timing.probeTimeoutMs).toBeGreaterThan(
      deriveTiming(lan, 1_000, { ...quiet, rttMs: [30] }).timing.probeTimeoutMs,
    );
  });

  it('has a bound of cost', () => {
    expect(deriveTiming(lan, 50, { ...quiet, rttMs: [] })).toMatchObject({ limit: 'cost' });
  });
});
