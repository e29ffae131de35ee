import type { Clock, Timer } from '../runtime/clock.ts';
import type { Random } from '../runtime/random.ts';
import { spread } from './growing-pause.ts';

/** Shortest time between two beacons, however often there is news. */
export const beaconSpacingMs = 200;

/** Pauses of a node that has just come and has not found anybody yet: its first beacon may have been lost. */
const burstPausesMs = [250, 250, 500];

const firstPauseMs = 1_000;
const longestPauseMs = 10_000;

/**
 * All together say no more than one beacon in so long, however many they are: each of them hears all, and by each method.
 * Two clusters on one link that have not met find each other about as soon.
 */
const pausePerPeerMs = 3_000;

/** A node that knows nobody must be found soon after a cable is plugged in, and troubles nobody. */
const longestPauseSeekingMs = 2_000;

/** Decides when the next beacon is due [B2]. */
export interface BeaconPacer {
  /** The first beacon now, and the next ones soon after it for as long as the node seeks. */
  begin(): void;
  /** There is news: a beacon now, or as soon as the spacing permits; the pauses begin anew. */
  announce(): void;
  stop(): void;
}

export interface BeaconPacerOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly isSeeking: () => boolean;
  /** Others that are there. */
  readonly peerCount: () => number;
  readonly send: () => void;
}

export function createBeaconPacer({ clock, random, isSeeking, peerCount, send }: BeaconPacerOptions): BeaconPacer {
  let timer: Timer | undefined;
  let burst: readonly number[] = [];
  let pauseMs = firstPauseMs;
  let sentAt = Number.NEGATIVE_INFINITY;
  let announced = false;
  let stopped = false;

  function sendAndWait(): void {
    announced = false;
    sentAt = clock.now();
    wait();
    send();
  }

  function wait(): void {
    const [short, ...rest] = burst;
    if (short !== undefined && isSeeking()) {
      burst = rest;
      timer = clock.schedule(spread(short, random.next()), () => (isSeeking() ? sendAndWait() : wait()));
      return;
    }
    burst = [];
    const longestMs = Math.max(longestPauseMs, pausePerPeerMs * peerCount());
    const current = Math.min(pauseMs, isSeeking() ? longestPauseSeekingMs : longestMs);
    pauseMs = Math.min(longestMs, current * 2);
    timer = clock.schedule(spread(current, random.next()), sendAndWait);
  }

  function announce(): void {
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
  }

  return {
    begin() {
      burst = burstPausesMs;
      announce();
    },
    announce,
    stop() {
      stopped = true;
      timer?.cancel();
    },
  };
}
