// The global of that name is a getter: a call of its own for each look at the clock.
import { performance } from 'node:perf_hooks';
import type { Clock, Timer } from './clock.ts';

/** The longest delay `setTimeout` takes; a longer one would fire at once. */
const timeoutMsMax = 2_147_483_647;

/** The machine's clock. Timers do not keep the process alive. */
export function systemClock(): Clock {
  return { now: () => performance.now(), wallTime: () => Date.now(), schedule: scheduleTimeout };
}

function scheduleTimeout(delayMs: number, callback: () => void): Timer {
  const dueAt = performance.now() + delayMs;
  let timeout = setTimeout(fire, Math.min(Math.ceil(delayMs), timeoutMsMax));
  timeout.unref();

  /** Node counts whole milliseconds and may be a fraction early; and a very long delay is waited for in pieces. */
  function fire(): void {
    const remainingMs = dueAt - performance.now();
    if (remainingMs <= 0) {
      callback();
      return;
    }
    timeout = setTimeout(fire, Math.min(Math.ceil(remainingMs), timeoutMsMax));
    timeout.unref();
  }

  return { cancel: () => clearTimeout(timeout) };
}
