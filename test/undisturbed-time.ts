import { systemClock } from '../src/runtime/system-clock.ts';

const tickMs = 5;

/**
 * Begins to count the milliseconds in which this process works, or waits for its own reasons. Kept from the processor by
 * others it wakes late, and has done nothing meanwhile: of such a wait no more than two ticks count. Ends when it is asked.
 */
export function undisturbedTime(): () => number {
  const clock = systemClock();
  let elapsedMs = 0;
  let lookedAt = clock.now();
  let used = process.cpuUsage();
  let timer = clock.schedule(tickMs, tick);

  function look(): void {
    const now = clock.now();
    const { user, system } = process.cpuUsage(used);
    elapsedMs += Math.min(now - lookedAt, 2 * tickMs + (user + system) / 1_000);
    lookedAt = now;
    used = process.cpuUsage();
  }

  function tick(): void {
    look();
    timer = clock.schedule(tickMs, tick);
  }

  return () => {
    timer.cancel();
    look();
    return elapsedMs;
  };
}
