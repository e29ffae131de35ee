import type { Candidate } from './candidate.ts';

/** In the order of preference: nobody of a later tier is chosen while there is one of an earlier. */
export const tiers = [
  'healthy', // up or up with a warning, its node alive
  'slow', // up, its node degraded: it does not answer now
  'hanging', // up, but nothing has come back for long although something is under way
  'ejected', // up, but its circuit is open: it could not be reached, or fails more than the others
  'unsure', // up, but its node is suspect
  'unweighted', // up, with weight 0
  'draining', // asked not to be given new work
  'down', // says itself that it does not work
] as const;

export type Tier = (typeof tiers)[number];

/**
 * By what it and its node say of themselves. `down` is the last resort and not excluded: when all say so, the caller learns
 * more from the refusal of one of them than from ours.
 */
export function saidTier({ entry, state, isShaky }: Candidate): Exclude<Tier, 'hanging' | 'ejected'> {
  if (entry.state === 'down') return 'down';
  if (entry.state === 'draining') return 'draining';
  if (entry.weight === 0) return 'unweighted';
  if (state === 'suspect') return 'unsure';
  return state === 'degraded' && !isShaky ? 'slow' : 'healthy';
}

/** And by what this node has met with there. */
export function tierOf(candidate: Candidate, now: number): Tier {
  const said = saidTier(candidate);
  if (said !== 'healthy' && said !== 'slow') return said;
  const fitness = candidate.track.fitness(now);
  return fitness === 'hanging' || fitness === 'ejected' ? fitness : said;
}
