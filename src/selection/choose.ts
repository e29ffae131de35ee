import type { SelectionCandidate } from './candidate.ts';
import { scoreTerms } from './score.ts';
import { tierOf, tiers } from './tier.ts';

/**
 * The instance for the next exchange; `undefined` only when there is no candidate. Of the best tier two are drawn at random
 * and the one with the smaller score is taken: the power of two choices (Mitzenmacher, IEEE TPDS 2001). Taking the best of
 * all instead would make every caller run to the same instance as long as the same old load figures are around.
 */
export function choose(
  candidates: readonly SelectionCandidate[],
  random: () => number,
): SelectionCandidate | undefined {
  const best = bestTier(candidates);
  const first = best[drawn(best.length, random)];
  if (first === undefined || best.length === 1) return first;
  const among = best.filter((candidate) => candidate !== first);
  const second = among[drawn(among.length, random)] as SelectionCandidate;
  const [a, b] = [scoreTerms(first), scoreTerms(second)];
  const margin = 1 + noise / Math.max(a.inFlight, b.inFlight);
  return b.score * margin < a.score ? second : first;
}

/**
 * By so much a score must be better to count. Load figures are some hundred milliseconds old and never quite equal: where two
 * idle instances differ only in noise, the drawn one is taken, or every caller would run to the same one. With more in flight
 * from here it counts less, for that figure is exact and corrects itself.
 */
const noise = 0.25;

function bestTier(candidates: readonly SelectionCandidate[]): readonly SelectionCandidate[] {
  let bestIndex: number = tiers.length;
  let best: SelectionCandidate[] = [];
  for (const candidate of candidates) {
    const index = tiers.indexOf(tierOf(candidate));
    if (index > bestIndex) continue;
    if (index < bestIndex) {
      bestIndex = index;
      best = [];
    }
    best.push(candidate);
  }
  return best;
}

function drawn(count: number, random: () => number): number {
  return Math.min(count - 1, Math.floor(random() * count));
}
