import type { SelectionCandidate } from './candidate.ts';
import { type ScoreTerms, scoreTerms } from './score.ts';
import { type Tier, tierOf, tiers } from './tier.ts';

export interface Ranked {
  readonly candidate: SelectionCandidate;
  readonly tier: Tier;
  readonly terms: ScoreTerms;
  /** `choose` may take it: it is of the best tier there is. */
  readonly eligible: boolean;
}

/** All candidates, best first, with what speaks for and against each: the order in which `choose` would like to take them. */
export function rank(candidates: readonly SelectionCandidate[]): Ranked[] {
  const rows = candidates.map((candidate) => ({ candidate, tier: tierOf(candidate), terms: scoreTerms(candidate) }));
  rows.sort((a, b) => tiers.indexOf(a.tier) - tiers.indexOf(b.tier) || byScore(a.terms.score, b.terms.score));
  const best = rows[0]?.tier;
  return rows.map((row) => ({ ...row, eligible: row.tier === best }));
}

/** Infinite scores are equal. */
function byScore(a: number, b: number): number {
  return a === b ? 0 : a - b;
}
