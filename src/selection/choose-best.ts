import type { Candidate } from './candidate.ts';
import { type Circumstances, compareDrawn, drawUsable } from './draw.ts';
import type { Field } from './field.ts';
import { elsewhereFactor, ownScore, scoreTerms, toldFactor } from './score.ts';
import { isWarmingUp, shareOf } from './share.ts';
import { type Tier, tierOf, tiers } from './tier.ts';

/** An advantage of less than this is noise: in what is measured here, and in what others told some time ago. */
const ownNoise = 1.15;
const toldNoise = 1.5;
/** How sharply an advantage counts that is known here alone. What was told was told to everybody, and counts as it is. */
const ownSharpness = 16;

/**
 * The power of two choices (Mitzenmacher, IEEE TPDS 2001), of candidates drawn by weight: three of the near ones, the one of
 * this host where there is one, and one of those far away. The best of all would be the best for every caller at once,
 * as long as all of them know the same old figures.
 */
export function chooseBest(field: Field, about: Circumstances): Candidate | undefined {
  const { now } = about;
  const first = drawUsable(field.near, about, undefined) ?? drawUsable(field.far, about, undefined);
  if (first === undefined) return lastResort(field, about);
  // This is the attempt that finds out.
  if (first.track.fitness(now) === 'trial') return first;
  let best = compareDrawn(field.near, about, first, better);
  // Among equals the one of this host: it is the other that must be better.
  if (field.here.rows.length > 0 && !best.sameHost) {
    const here = drawUsable(field.here, about, undefined);
    if (here !== undefined && isOfFullShare(here, field, about)) best = better(here, best, about);
  }
  if (field.far.rows.length > 0) best = better(best, drawUsable(field.far, about, best), about);
  return best;
}

/** Being near does not give a canary, a new one or one that warns of itself more than it is to have. */
function isOfFullShare(here: Candidate, { near }: Field, { now, random }: Circumstances): boolean {
  const share = Math.min(1, (here.entry.weight * near.rows.length) / near.weight) * shareOf(here, now);
  return share >= 1 || random() < share;
}

/**
 * The other one, if it is better: surely where it is much better, by chance where it is hardly so. So weights hold among
 * equals, and callers with the same old figures do not all decide alike.
 */
function better(one: Candidate, other: Candidate | undefined, { now, random }: Circumstances): Candidate {
  if (other === undefined || other === one || isWarmingUp(other, now)) return one;
  if (other.track.fitness(now) !== 'fit') return one;
  const noise = one.sameHost === other.sameHost ? ownNoise : one.sameHost ? elsewhereFactor : 1;
  const own = beyondNoise(ownScore(one, now) / ownScore(other, now), noise);
  const told = beyondNoise(toldFactor(one, now) / toldFactor(other, now), toldNoise);
  const advantage = advantageOf(own, told);
  return advantage > 1 && random() * advantage >= 1 ? other : one;
}

/** Where the one speaks for what the other speaks against, the stronger decides: a full host may be quick for a moment. */
function advantageOf(own: number, told: number): number {
  if ((own - 1) * (told - 1) >= 0) return own ** ownSharpness * told;
  const both = own * told;
  return both > 1 === own > 1 ? both ** ownSharpness : told;
}

function beyondNoise(ratio: number, noise: number): number {
  if (ratio > 1) return Math.max(1, ratio / noise);
  return Math.min(1, ratio * noise);
}

/** Nobody is well: of those in the best tier there is, the better of two. */
export function lastResort(field: Field, about: Circumstances): Candidate | undefined {
  const best = bestTier(field.all, about);
  const count = best.length;
  if (count < 2) return best[0];
  const at = Math.floor(about.random() * count);
  const other = (at + 1 + Math.floor(about.random() * (count - 1))) % count;
  const [one, two] = [best[at] as Candidate, best[other] as Candidate];
  return scoreTerms(two, about.now).score < scoreTerms(one, about.now).score ? two : one;
}

/** Draining ones are given nothing, whatever the others are like. */
export function bestTier(all: readonly Candidate[], { now, avoid }: Circumstances): Candidate[] {
  let bestIndex: number = tiers.length;
  let best: Candidate[] = [];
  for (const candidate of all) {
    const tier: Tier = tierOf(candidate, now);
    if (tier === 'draining' || avoid.has(candidate.node)) continue;
    const index = tiers.indexOf(tier);
    if (index < bestIndex) {
      bestIndex = index;
      best = [];
    }
    if (index === bestIndex) best.push(candidate);
  }
  return best;
}
