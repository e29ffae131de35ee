import type { Candidate } from './candidate.ts';
import type { ServiceFigures } from './service-figures.ts';
import { saidTier } from './tier.ts';

/** Candidates to draw from, each as often as its weight says. */
export interface Lot {
  readonly rows: readonly Candidate[];
  /** Sums of weights up to each row; undefined: all have the same. */
  readonly sums: Float64Array | undefined;
  /** Of all of them together. */
  readonly weight: number;
}

/** The candidates of one service that fit what is asked for, sorted for drawing. Made anew when one of them changes. */
export interface Field {
  readonly figures: ServiceFigures;
  /** All, in no order. */
  readonly all: readonly Candidate[];
  /** Of `all`, those that may take work. */
  readonly able: readonly Candidate[];
  /** Healthy by their own word. */
  readonly healthy: Lot;
  /** Of `healthy`, those no farther away than others. */
  readonly near: Lot;
  /** Of `healthy`, the rest: so far away that they are for when the near ones have enough to do. */
  readonly far: Lot;
  /** Of `near`, those on this host, where there are others. */
  readonly here: Lot;
  /** Of `healthy`, the nearest first. */
  readonly byDistance: readonly Candidate[];
}

/** So much longer a round trip than the shortest is far: another site, not another switch. */
const farMs = 3;
const farFactor = 3;
/** A round trip that is not known yet: a LAN's, at its slowest. */
const unknownMs = 2;

export function fieldOf(all: readonly Candidate[], figures: ServiceFigures): Field {
  const healthy = all.filter((candidate) => saidTier(candidate) === 'healthy');
  const shortest = healthy.reduce((least, candidate) => Math.min(least, distanceMs(candidate)), unknownMs);
  const limit = shortest * farFactor + farMs;
  const isFar = (candidate: Candidate) => candidate.rttMs !== undefined && distanceMs(candidate) > limit;
  const near = healthy.filter((candidate) => !isFar(candidate));
  const here = near.filter(({ sameHost }) => sameHost);
  return {
    figures,
    all,
    able: all.filter(({ entry }) => entry.state === 'up' || entry.state === 'warning'),
    healthy: lotOf(healthy),
    near: lotOf(near),
    far: lotOf(healthy.filter(isFar)),
    here: lotOf(here.length < near.length ? here : []),
    byDistance: [...healthy].sort((a, b) => distanceMs(a) - distanceMs(b)),
  };
}

/** Round trip in milliseconds; 0 on this host. */
export function distanceMs({ sameHost, rttMs }: Candidate): number {
  return sameHost ? 0 : (rttMs ?? unknownMs);
}

export function lotOf(rows: readonly Candidate[]): Lot {
  const first = rows[0]?.entry.weight;
  if (rows.every(({ entry }) => entry.weight === first)) {
    return { rows, sums: undefined, weight: rows.length * (first ?? 0) };
  }
  const sums = new Float64Array(rows.length);
  let sum = 0;
  rows.forEach(({ entry }, at) => {
    sum += entry.weight;
    sums[at] = sum;
  });
  return { rows, sums, weight: sum };
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
