import type { NodeId } from '../protocol/ids.ts';
import type { Candidate } from './candidate.ts';
import { drawn, type Field, type Lot } from './field.ts';
import { ownScore, scoreTerms, toldFactor } from './score.ts';
import { isWarmingUp, shareOf } from './share.ts';
import { type Tier, tierOf, tiers } from './tier.ts';

/** An advantage of less than this is noise: in what is measured here, and in what others told some time ago. */
const ownNoise = 1.15;
const toldNoise = 1.5;
/** How sharply an advantage counts that is known here alone. What was told was told to everybody, and counts as it is. */
const ownSharpness = 16;

/** Two bad ones of three must not lead to one of them. */
const choices = 3;

/** So many draws may fall on candidates that are left out before all are looked at. */
const drawsMax = 8;

export interface Circumstances {
  readonly now: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly avoid: ReadonlySet<NodeId>;
}

/**
 * The power of two choices (Mitzenmacher, IEEE TPDS 2001), of candidates drawn by weight: two of the near ones, the one of
 * this host where there is one, and one of those far away. The best of all would be the best for every caller at once,
 * as long as all of them know the same old figures.
 */
export function chooseBest(field: Field, about: Circumstances): Candidate | undefined {
  const { now } = about;
  const first = drawUsable(field.near, about, undefined) ?? drawUsable(field.far, about, undefined);
  if (first === undefined) return lastResort(field, about);
  // This is the attempt that finds out.
  if (first.track.fitness(now) === 'trial') return first;
  let best = first;
  for (let draw = 1; draw < choices; draw++) best = better(best, drawUsable(field.near, about, best), about);
  // Among equals the one of this host: it is the other that must be better.
  if (field.here.rows.length > 0 && !best.sameHost) {
    const here = drawUsable(field.here, about, undefined);
    if (here !== undefined) best = better(here, best, about);
  }
  if (field.far.rows.length > 0) best = better(best, drawUsable(field.far, about, best), about);
  return best;
}

/**
 * The other one, if it is better: surely where it is much better, by chance where it is hardly so. So weights hold among
 * equals, and callers with the same old figures do not all decide alike.
 */
function better(one: Candidate, other: Candidate | undefined, { now, random }: Circumstances) {
  if (other === undefined || other === one || isWarmingUp(other, now)) return one;
  if (other.track.fitness(now) !== 'fit') return one;
  const own = ownScore(one, now) / ownScore(other, now) / ownNoise;
  const told = toldFactor(one, now) / toldFactor(other, now);
  const advantage = own ** ownSharpness * beyondNoise(told);
  return advantage > 1 && random() * advantage >= 1 ? other : one;
}

function beyondNoise(ratio: number): number {
  if (ratio > 1) return Math.max(1, ratio / toldNoise);
  return Math.min(1, ratio * toldNoise);
}

/** One that may be used, drawn by its weight and its share; undefined when there is none but `not`. */
function drawUsable(lot: Lot, about: Circumstances, not: Candidate | undefined): Candidate | undefined {
  const { now, random } = about;
  const count = lot.rows.length;
  if (count === 0) return undefined;
  if (count <= 2) return ofFew(lot, about, not);
  let last: Candidate | undefined;
  for (let draw = 0; draw < drawsMax; draw++) {
    const candidate = drawn(lot, random());
    if (candidate === not || !isUsable(candidate, about)) continue;
    last = candidate;
    const share = shareOf(candidate, now);
    if (share >= 1 || random() < share) return candidate;
  }
  return last ?? anyOf(lot, about, not);
}

function ofFew(lot: Lot, about: Circumstances, not: Candidate | undefined): Candidate | undefined {
  const [a, b] = lot.rows;
  const isA = a !== undefined && a !== not && isUsable(a, about);
  const isB = b !== undefined && b !== not && isUsable(b, about);
  if (!isA || !isB) return isA ? a : isB ? b : undefined;
  const weightOfA = a.entry.weight * shareOf(a, about.now);
  const weightOfB = b.entry.weight * shareOf(b, about.now);
  return about.random() * (weightOfA + weightOfB) < weightOfA ? a : b;
}

function anyOf({ rows }: Lot, about: Circumstances, not: Candidate | undefined): Candidate | undefined {
  const start = Math.floor(about.random() * rows.length);
  for (let step = 0; step < rows.length; step++) {
    const candidate = rows[(start + step) % rows.length] as Candidate;
    if (candidate !== not && isUsable(candidate, about)) return candidate;
  }
  return undefined;
}

function isUsable({ node, track }: Candidate, { now, avoid }: Circumstances): boolean {
  if (avoid.size > 0 && avoid.has(node)) return false;
  const fitness = track.fitness(now);
  return fitness === 'fit' || fitness === 'trial';
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
