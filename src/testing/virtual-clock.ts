import type { Clock } from '../runtime/clock.ts';
import type { Simulation } from './simulation.ts';
import type { ProcessState } from './virtual-process.ts';

/** 1 January 2026: virtual wall clocks begin there. */
export const wallEpochMs = Date.UTC(2026, 0, 1);

/** Time as one process sees it. Its host's wall clock may be wrong and may jump; `now()` never does. */
export function virtualClock(simulation: Simulation, process: ProcessState): Clock {
  return {
    now: () => simulation.nowMs,
    wallTime: () => Math.floor(wallEpochMs + simulation.nowMs + process.host.wallOffsetMs),
    schedule(delayMs, callback) {
      if (!(delayMs >= 0)) throw new RangeError(`a timer's delay is 0 ms or more, not ${delayMs}`);
      return simulation.after(delayMs, process, callback);
    },
  };
}
