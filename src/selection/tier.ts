import type { SelectionCandidate } from './candidate.ts';

/** In the order of preference: nobody of a later tier is chosen while there is one of an earlier. */
export const tiers = [
  'healthy-here', // healthy and on the caller's host
  'healthy', // up, its node alive
  'slow', // up, its node degraded
  'failing', // up, but an exchange failed there within the last second
  'unsure', // up, but its node is suspect
  'unweighted', // up, with weight 0
  'draining', // asked not to be given new work
  'down', // says itself that it does not work
] as const;

export type Tier = (typeof tiers)[number];

/** A failure so fresh that whatever else is up goes first: the retry of the failed exchange must not land there again. */
export const failureBarsMs = 1_000;

/**
 * `down` is the last resort and not excluded: when all say so, the caller learns more from the refusal of one of them than
 * from `no-instance`, and a check that is wrong everywhere does not take the service away.
 */
export function tierOf(candidate: SelectionCandidate): Tier {
  const { serviceState } = candidate;
  if (serviceState === 'down' || serviceState === 'draining') return serviceState;
  if (candidate.weight <= 0) return 'unweighted';
  if (candidate.state === 'suspect') return 'unsure';
  if (candidate.recentFailureAgeMs !== undefined && candidate.recentFailureAgeMs < failureBarsMs) return 'failing';
  if (candidate.state === 'degraded') return 'slow';
  return candidate.sameHost ? 'healthy-here' : 'healthy';
}
