import type { NodeId } from '../protocol/ids.ts';
import type { Candidate } from './candidate.ts';
import type { ServiceFigures } from './service-figures.ts';
import { saidTier } from './tier.ts';

/** Candidates to draw from, each as often as its weight says. */
export interface Lot {
  readonly rows: readonly Candidate[];
  /** Sums of weights up to each row; undefined: all have the same. */
  readonly sums: Float64Array | undefined;
}

/** The candidates of one service that fit what is asked for, sorted for drawing. Made anew when one of them changes. */
export interface Field {
  readonly figures: ServiceFigures;
  /** All, in no order. */
  readonly all: readonly Candidate[];
  /** Healthy by their own word, and no farther away than others. */
  readonly near: Lot;
  /** Healthy, and so far away that they are for when the near ones have enough to do. */
  readonly far: Lot;
  /** Of `near`, those on this host, where there are others. */
  readonly here: Lot;
  readonly byNode: ReadonlyMap<NodeId, Candidate>;
  /** Healthy ones, by weight of 100 each. */
  readonly capacity: number;
}

/** So much longer a round trip than the shortest is far: another site, not another switch. */
const farMs = 3;
const farFactor = 3;

export function fieldOf(all: readonly Candidate[], figures: ServiceFigures): Field {
  const healthy = all.filter((candidate) => saidTier(candidate) === 'healthy');
  let shortest = Number.POSITIVE_INFINITY;
  for (const { rttMs, sameHost } of healthy) shortest = Math.min(shortest, sameHost ? 0 : (rttMs ?? Infinity));
  const limit = shortest * farFactor + farMs;
  const isFar = ({ rttMs, sameHost }: Candidate) => !sameHost && rttMs !== undefined && rttMs > limit;
  const near = healthy.filter((candidate) => !isFar(candidate));
  const here = near.filter(({ sameHost }) => sameHost);
  return {
    figures,
    all,
    near: lotOf(near),
    far: lotOf(healthy.filter(isFar)),
    here: lotOf(here.length < near.length ? here : []),
    byNode: new Map(all.map((candidate) => [candidate.node, candidate])),
    capacity: healthy.reduce((sum, { entry }) => sum + entry.weight, 0) / 100,
  };
}

export function lotOf(rows: readonly Candidate[]): Lot {
  const first = rows[0]?.entry.weight;
  if (rows.every(({ entry }) => entry.weight === first)) return { rows, sums: undefined };
  const sums = new Float64Array(rows.length);
  let sum = 0;
  rows.forEach(({ entry }, at) => {
    sum += entry.weight;
    sums[at] = sum;
  });
  return { rows, sums };
}

/** One of them by chance; there must be one. `chance` is in [0, 1). */
export function drawn({ rows, sums }: Lot, chance: number): Candidate {
  if (sums === undefined) return rows[Math.floor(chance * rows.length)] as Candidate;
  const target = chance * (sums[sums.length - 1] as number);
  let low = 0;
  let high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sums[middle] as number) > target) high = middle;
    else low = middle + 1;
  }
  return rows[low] as Candidate;
}
