import { suspicionTimeMs } from './suspicion-time.ts';
import type { MembershipTiming } from './timing.ts';

/** What was seen of the network: smoothed round trips of the members, and the share of first pings without an ack. */
export interface MeasuredNetwork {
  readonly rttMs: readonly number[];
  readonly unanswered: number;
  /** This node included. */
  readonly live: number;
}

export interface DerivedTiming {
  readonly timing: MembershipTiming;
  /** A silent host is dead for all within this, as a rule: the goal, or the least that is possible here. */
  readonly detectsWithinMs: number;
  /** Why the goal is not reached; `undefined` when it is. */
  readonly limit: 'round-trips' | 'cost' | undefined;
}

/** The goals that may be set. */
export const detectWithinMsMin = 500;
export const detectWithinMsMax = 60_000;

/** A member answers within so many of the slowest usual round trip, beside what its program takes. */
const roundTrips = 3;
const programMs = 20;

/** Faster than this many times the profile an idle node sends several kB a second. */
const fastest = 1 / 4;
const slowest = 20;

/** The longest that detection takes as a rule: two intervals to the first probe, its deadline, a suspicion that three confirm. */
export function detectionMs(timing: MembershipTiming, live: number): number {
  const { probeIntervalMs, probeDeadlineMs, gossipIntervalMs } = timing;
  return 2 * probeIntervalMs + probeDeadlineMs + suspicionTimeMs(timing, live, 3) + 2 * gossipIntervalMs;
}

/** The profile with its times of detection stretched or shortened so that the goal is met, as far as the network lets it. */
export function deriveTiming(profile: MembershipTiming, goalMs: number, measured: MeasuredNetwork): DerivedTiming {
  const wanted = goalMs / detectionMs(profile, measured.live);
  const slowestRtt = Math.max(0, ...measured.rttMs);
  const answerMs = (roundTrips * slowestRtt + programMs) * (1 + measured.unanswered);
  const byRoundTrips = answerMs / profile.probeTimeoutMs;
  const factor = Math.min(slowest, Math.max(wanted, byRoundTrips, fastest));
  const scaled = (ms: number) => Math.round(ms * factor);
  const timing: MembershipTiming = {
    ...profile,
    probeIntervalMs: scaled(profile.probeIntervalMs),
    probeTimeoutMs: scaled(profile.probeTimeoutMs),
    probeDeadlineMs: scaled(profile.probeDeadlineMs),
    gossipIntervalMs: Math.max(10, scaled(profile.gossipIntervalMs)),
    quickMs: Math.max(10, scaled(profile.quickMs)),
  };
  const limit = factor <= wanted ? undefined : byRoundTrips > fastest ? 'round-trips' : 'cost';
  return { timing, detectsWithinMs: Math.round(detectionMs(timing, measured.live)), limit };
}
