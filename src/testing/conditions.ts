import type { Random } from '../runtime/random.ts';

/** How a segment treats what it carries. Streams feel latency and loss (as resending); the rest concerns datagrams. */
export interface Conditions {
  /** Shortest time from one host to another, milliseconds. */
  readonly latencyMs: number;
  /** Mean of the exponential part on top of it, milliseconds; capped at ten times this. */
  readonly jitterMs: number;
  /** Share that is lost, 0 to 1. */
  readonly loss: number;
  /** Share that arrives twice, 0 to 1. */
  readonly duplicate: number;
  /** Share that later ones may overtake, 0 to 1. The rest keeps its order between two hosts. */
  readonly reorder: number;
  /** How much longer at most one that may be overtaken takes, milliseconds. */
  readonly reorderDelayMs: number;
}

/** A quiet switched LAN. */
export const lanConditions: Conditions = {
  latencyMs: 0.2,
  jitterMs: 0.05,
  loss: 0,
  duplicate: 0,
  reorder: 0,
  reorderDelayMs: 5,
};

/** A bad radio link: slow, uneven, and losing one in twenty. */
export const wifiConditions: Conditions = {
  latencyMs: 2,
  jitterMs: 4,
  loss: 0.05,
  duplicate: 0.005,
  reorder: 0.02,
  reorderDelayMs: 30,
};

/** Between sites. */
export const wanConditions: Conditions = { ...lanConditions, latencyMs: 25, jitterMs: 2, loss: 0.001 };

/** From one process to another on the same host. */
export const localLatencyMs = 0.02;

/** Throws `RangeError` when a share is not within 0 to 1 or a time is negative. */
export function assertConditions(conditions: Conditions): void {
  for (const name of ['loss', 'duplicate', 'reorder'] as const) {
    const share = conditions[name];
    if (!(share >= 0 && share <= 1)) throw new RangeError(`${name} is a share from 0 to 1, not ${share}`);
  }
  for (const name of ['latencyMs', 'jitterMs', 'reorderDelayMs'] as const) {
    const time = conditions[name];
    if (!(time >= 0)) throw new RangeError(`${name} is 0 or more, not ${time}`);
  }
}

/** Draws the time one crossing takes. */
export function drawLatencyMs(conditions: Conditions, random: Random): number {
  if (conditions.jitterMs === 0) return conditions.latencyMs;
  const exponential = Math.min(-Math.log(1 - random.next()), 10);
  return conditions.latencyMs + conditions.jitterMs * exponential;
}
