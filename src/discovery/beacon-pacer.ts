import type { Clock, Timer } from '../runtime/clock.ts';
import type { Random } from '../runtime/random.ts';
import { spread } from './growing-pause.ts';

/** Shortest time between two beacons, however often there is news. */
export const beaconSpacingMs = 200;

const firstPauseMs = 1_000;
const longestPauseMs = 10_000;

/** A node that knows nobody must be found soon after a cable is plugged in, and troubles nobody. */
const longestPauseSeekingMs = 2_000;

/** Decides when the next beacon is due [B2]. */
export interface BeaconPacer {
  /** There is news: a beacon now, or as soon as the spacing permits; the pauses begin anew. Also how it is started. */
  announce(): void;
  stop(): void;
}

export interface BeaconPacerOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly isSeeking: () => boolean;
  readonly send: () => void;
}

export function createBeaconPacer({ clock, random, isSeeking, send }: BeaconPacerOptions): BeaconPacer {
  let timer: Timer | undefined;
  let pauseMs = firstPauseMs;
  let sentAt = Number.NEGATIVE_INFINITY;
  let announced = false;
  let stopped = false;

  function sendAndWait(): void {
    announced = false;
    sentAt = clock.now();
    const current = Math.min(pauseMs, isSeeking() ? longestPauseSeekingMs : longestPauseMs);
    pauseMs = Math.min(longestPauseMs, current * 2);
    timer = clock.schedule(spread(current, random.next()), sendAndWait);
    send();
  }

  return {
    announce() {
      if (stopped) return;
      pauseMs = firstPauseMs;
      if (announced) return;
      timer?.cancel();
      const waitMs = sentAt + beaconSpacingMs - clock.now();
      if (waitMs <= 0) {
        sendAndWait();
        return;
      }
      announced = true;
      timer = clock.schedule(waitMs, sendAndWait);
    },
    stop() {
      stopped = true;
      timer?.cancel();
    },
  };
}
