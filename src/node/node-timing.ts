import type { KeepAliveTiming } from '../links/keep-alive.ts';
import type { TimingProfile } from '../membership/timing.ts';

/** Timing of everything in a node that is not the membership machine's. */
export interface NodeTiming {
  readonly keepAlive: KeepAliveTiming;
  /** From the first SYN to the other side's hello. */
  readonly dialTimeoutMs: number;
  /** Own load is looked at this often, and told when it has changed enough. */
  readonly loadIntervalMs: number;
}

/**
 * `lan`: a peer that says nothing for a second is given up, so that idempotent work goes elsewhere within 1.25 s of a cut.
 * A program that is busy for less than that loses nothing.
 */
export const nodeTimings: Readonly<Record<TimingProfile, NodeTiming>> = {
  local: { keepAlive: { intervalMs: 250, timeoutMs: 1_000 }, dialTimeoutMs: 1_000, loadIntervalMs: 250 },
  lan: { keepAlive: { intervalMs: 250, timeoutMs: 1_000 }, dialTimeoutMs: 1_000, loadIntervalMs: 250 },
  wan: { keepAlive: { intervalMs: 1_000, timeoutMs: 4_000 }, dialTimeoutMs: 4_000, loadIntervalMs: 500 },
};
