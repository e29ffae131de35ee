import type { Candidate } from './candidate.ts';

/** A new instance begins with this share of its draws, and has all of them after `warmUpMs`: caches and compilers are cold. */
const shareAtFirst = 0.1;
export const warmUpMs = 10_000;
/** One that warns of itself keeps this share. */
const warningShare = 0.25;

/** [0.1, 1] over the first ten seconds. */
export function warmUpShare(ageMs: number): number {
  if (ageMs >= warmUpMs) return 1;
  return shareAtFirst + (1 - shareAtFirst) * (Math.max(0, ageMs) / warmUpMs);
}

export function isWarmingUp({ track }: Candidate, now: number): boolean {
  return now - track.firstSeenAt < warmUpMs;
}

/** Which share of the draws that fall on it count. */
export function shareOf(candidate: Candidate, now: number): number {
  const { track, entry } = candidate;
  return warmUpShare(now - track.firstSeenAt) * (entry.state === 'warning' ? warningShare : 1);
}
