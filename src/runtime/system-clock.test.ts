import { describe, expect, it } from 'vitest';
import { systemClock } from './system-clock.ts';

const clock = systemClock();

describe('the system clock', () => {
  it('calls back once, never before the delay has passed', async () => {
    const begunAt = clock.now();
    await new Promise<void>((resolve) => clock.schedule(7.3, resolve));
    expect(clock.now() - begunAt).toBeGreaterThanOrEqual(7.3);
  });

  it('does not call back what was cancelled', async () => {
    let called = false;
    clock
      .schedule(1, () => {
        called = true;
      })
      .cancel();
    await new Promise<void>((resolve) => clock.schedule(10, resolve));
    expect(called).toBe(false);
  });

  it('takes delays longer than setTimeout does', async () => {
    let called = false;
    const timer = clock.schedule(2 ** 40, () => {
      called = true;
    });
    await new Promise<void>((resolve) => clock.schedule(10, resolve));
    timer.cancel();
    expect(called).toBe(false);
  });

  it('tells the time of day', () => {
    expect(Math.abs(clock.wallTime() - Date.now())).toBeLessThan(1_000);
  });
});
