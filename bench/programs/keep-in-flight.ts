import type { Load } from './load.ts';
import { createSamples } from './samples.ts';

/** Of many in flight only each so manieth is timed: reading the clock for each would be a part of what is measured. */
const timedEach = 8;

/** The plain loop of somebody who wants `depth` answers at a time. */
export async function keepInFlight(depth: number, ms: number, once: () => Promise<unknown>): Promise<Load> {
  const samples = createSamples();
  const each = depth === 1 ? 1 : timedEach;
  let count = 0;
  let over = false;
  async function worker(): Promise<void> {
    for (let n = 0; !over; n += 1) {
      if (n % each === 0) {
        const from = performance.now();
        await once();
        samples.add((performance.now() - from) * 1_000);
      } else {
        await once();
      }
      count += 1;
    }
  }
  const from = performance.now();
  const timer = setTimeout(() => {
    over = true;
  }, ms);
  try {
    await Promise.all(Array.from({ length: depth }, worker));
  } finally {
    over = true;
    clearTimeout(timer);
  }
  return { count, elapsedMs: performance.now() - from, latenciesUs: samples.sorted() };
}
