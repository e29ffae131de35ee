import type { Candidate } from './candidate.ts';
import { chooseBest, lastResort } from './choose-best.ts';
import { type Circumstances, compareDrawn, drawUsable, isUsable } from './draw.ts';
import { distanceMs, type Field, lotOf } from './field.ts';
import { hashOf, rendezvousNumber, rendezvousScore } from './rendezvous.ts';
import { scoreTerms, toldFactor } from './score.ts';
import type { Strategy } from './strategy.ts';

/** So much farther is as near: round trips scatter. */
const nearFactor = 1.5;
const nearMs = 0.2;

/** Steps of the golden section fill a line most evenly, however many they are: instances take turns by their weights. */
const goldenSection = 0.618_033_988_749_894_9;

/** The instance for the next exchange by that strategy; undefined only when there is none. `key` is for `sticky`. */
export function chooseBy(strategy: Strategy, key: string, field: Field, about: Circumstances): Candidate | undefined {
  if (strategy === 'best') return chooseBest(field, about);
  return chosenBy(strategy, key, field, about) ?? lastResort(field, about);
}

function chosenBy(strategy: Exclude<Strategy, 'best'>, key: string, field: Field, about: Circumstances) {
  switch (strategy) {
    case 'random':
      return drawUsable(field.healthy, about, undefined);
    case 'round-robin':
      return inTurn(field, about);
    case 'least-loaded':
      return leastLoaded(field, about);
    case 'sticky':
      return sticky(key, field, about);
    case 'nearest':
      return nearest(field, about);
  }
}

function inTurn({ healthy: { rows, sums, weight }, figures }: Field, about: Circumstances): Candidate | undefined {
  for (let skipped = 0; skipped < rows.length; skipped++) {
    const turn = figures.turn + skipped;
    const candidate =
      sums === undefined ? rows[turn % rows.length] : atWeight(rows, ((turn * goldenSection) % 1) * weight);
    if (candidate === undefined || !isUsable(candidate, about)) continue;
    if (about.seen === undefined) figures.turn = turn + 1;
    return candidate;
  }
  return drawUsable({ rows, sums, weight }, about, undefined);
}

function atWeight(rows: readonly Candidate[], target: number): Candidate | undefined {
  let sum = 0;
  for (const candidate of rows) {
    sum += candidate.entry.weight;
    if (sum > target) return candidate;
  }
  return rows.at(-1);
}

/** Of three drawn the one with the least under way from here for its weight and load there; how fast it answers counts for nothing. */
function leastLoaded({ healthy }: Field, about: Circumstances): Candidate | undefined {
  const first = drawUsable(healthy, about, undefined);
  return (
    first &&
    compareDrawn(healthy, about, first, (best, other, { now }) =>
      workOf(other, now) < workOf(best, now) ? other : best,
    )
  );
}

function workOf(candidate: Candidate, now: number): number {
  return ((candidate.track.inFlight + 1) * toldFactor(candidate, now)) / candidate.entry.weight;
}

function sticky(key: string, { healthy: { rows, sums } }: Field, about: Circumstances): Candidate | undefined {
  const keyHash = hashOf(key);
  let best: Candidate | undefined;
  let most = Number.NEGATIVE_INFINITY;
  for (const candidate of rows) {
    const uniform = rendezvousNumber(keyHash, candidate.hash);
    // Weights that are all the same change no order, and a logarithm is the dearest part of it.
    const score = sums === undefined ? uniform : rendezvousScore(uniform, candidate.entry.weight);
    if (score <= most || !isUsable(candidate, about)) continue;
    best = candidate;
    most = score;
  }
  if (best !== undefined) about.seen?.push(best);
  return best;
}

/** Of three drawn among those as near as the nearest the one with the best score. */
function nearest({ byDistance }: Field, about: Circumstances): Candidate | undefined {
  const nearestOne = byDistance.find((candidate) => isUsable(candidate, about));
  if (nearestOne === undefined) return undefined;
  // Nothing is as near as this host.
  const limit = nearestOne.sameHost ? 0 : distanceMs(nearestOne) * nearFactor + nearMs;
  const near = lotOf(byDistance.slice(0, countWithin(byDistance, limit)));
  const first = drawUsable(near, about, undefined);
  return (
    first &&
    compareDrawn(near, about, first, (best, other, { now }) =>
      scoreOf(other, now) < scoreOf(best, now) ? other : best,
    )
  );
}

function scoreOf(candidate: Candidate, now: number): number {
  return scoreTerms(candidate, now).score;
}

/** How many at the beginning are no farther than that. */
function countWithin(byDistance: readonly Candidate[], limit: number): number {
  let low = 0;
  let high = byDistance.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (distanceMs(byDistance[middle] as Candidate) > limit) high = middle;
    else low = middle + 1;
  }
  return low;
}
