import { expect, it } from 'vitest';
import { systemClock } from '../src/runtime/system-clock.ts';
import { undisturbedTime } from './undisturbed-time.ts';

it('counts what the process waits for', async () => {
  const elapsedMs = undisturbedTime();
  for (let i = 0; i < 100; i++) await new Promise<void>((resolve) => void systemClock().schedule(1, resolve));
  expect(elapsedMs()).toBeGreaterThanOrEqual(100);
});

it('counts what it works', () => {
  const elapsedMs = undisturbedTime();
  const before = process.cpuUsage();
  while (process.cpuUsage(before).user < 100_000);
  expect(elapsedMs()).toBeGreaterThanOrEqual(100);
});

it('does not count what it is kept from', () => {
  const elapsedMs = undisturbedTime();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
  expect(elapsedMs()).toBeLessThan(250);
});
