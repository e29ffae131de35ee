import type { Candidate } from './candidate.ts';
import { bestTier, type Circumstances } from './choose-best.ts';
import type { Field } from './field.ts';
import { type ScoreTerms, scoreTerms } from './score.ts';
import { type Tier, tierOf, tiers } from './tier.ts';

export interface Ranked {
  readonly candidate: Candidate;
  readonly tier: Tier;
  readonly terms: ScoreTerms;
  /** May be taken: it is of the best tier there is. */
  readonly eligible: boolean;
}

/** All candidates, best first, with what speaks for and against each: the order in which it would be liked to take them. */
export function rank(field: Field, about: Circumstances): Ranked[] {
  const eligible = new Set(bestTier(field.all, about));
  const rows = field.all.map((candidate) => ({
    candidate,
    tier: tierOf(candidate, about.now),
    terms: scoreTerms(candidate, about.now),
    eligible: eligible.has(candidate),
  }));
  return rows.sort((a, b) => tiers.indexOf(a.tier) - tiers.indexOf(b.tier) || a.terms.score - b.terms.score);
}
