import type { MembershipTiming } from './timing.ts';

/** Accusers beside the first after whom nothing is gained by waiting for more (Lifeguard's K). */
export const confirmationsMax = 3;

type SuspicionTiming = Pick<MembershipTiming, 'probeIntervalMs' | 'suspicionFactor' | 'suspicionShareMin'>;

type WitnessTiming = Pick<MembershipTiming, 'probeDeadlineMs' | 'probeTimeoutMs'>;

/**
 * [M5] Milliseconds a suspect has to refute. `live` counts this node and the suspect too; `confirmations` the accusers
 * beside the first. Lifeguard, section IV-B: max − (max − min) · log(C + 1) / log(K + 1), where max grows with log n as
 * the way of the news does. Who has nobody who could confirm waits for the whole time.
 */
export function suspicionTimeMs(timing: SuspicionTiming, live: number, confirmations: number): number {
  const longest = timing.suspicionFactor * Math.log10(Math.max(10, live)) * timing.probeIntervalMs;
  const expected = Math.min(confirmationsMax, live - 2);
  if (expected < 1) return longest;
  const shortest = longest * timing.suspicionShareMin;
  const progress = Math.min(1, Math.log(confirmations + 1) / Math.log(expected + 1));
  return longest - (longest - shortest) * progress;
}

/** How long who looks into a suspicion waits for an answer: it asks others at once. */
export function witnessMs({ probeDeadlineMs, probeTimeoutMs }: WitnessTiming): number {
  return probeDeadlineMs - 2 * probeTimeoutMs;
}

/** Where fewer first pings than this stay without an ack, silence is soon believed. */
const unansweredRarely = 0.08;

/** [M5] How long the last look before a death takes: where much is lost it has to be lost more often to be believed. */
export function lastLookMs(timing: WitnessTiming, unanswered: number): number {
  return witnessMs(timing) * (unanswered > unansweredRarely ? 2 : 1);
}
