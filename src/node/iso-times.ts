import type { Clock } from '../runtime/clock.ts';
import { isoTimeOf } from '../runtime/iso-time.ts';

/** Texts that are remembered: what a cluster of some hundred members has to tell of the last minutes. */
export const isoTimesMax = 1_024;

/** The wall clock ticks in whole milliseconds, so against the other one it wavers by one. */
const waverMs = 1;

/**
 * Times of the clock's `now()` as ISO 8601 text. The same time is shown as the same text until the wall clock is set; who
 * looks at a table again and again is told the same times again and again, so the texts are kept.
 */
export function createIsoTimes(clock: Clock): (at: number) => string {
  const texts = new Map<number, string>();
  let offsetMs = Number.NEGATIVE_INFINITY;

  return (at) => {
    const offsetNow = clock.wallTime() - clock.now();
    if (Math.abs(offsetNow - offsetMs) > waverMs) {
      offsetMs = offsetNow;
      texts.clear();
    }
    let text = texts.get(at);
    if (text === undefined) {
      text = isoTimeOf(offsetMs + at);
      if (texts.size >= isoTimesMax) texts.clear();
      texts.set(at, text);
    }
    return text;
  };
}
