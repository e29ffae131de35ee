import type { NodeId } from '../protocol/ids.ts';
import type { Candidate } from './candidate.ts';
import { drawn, type Lot } from './field.ts';
import { shareOf } from './share.ts';

/** So many draws may fall on candidates that are left out before all are looked at. */
const drawsMax = 8;

/** In which a choice is made. */
export interface Circumstances {
  readonly now: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly avoid: ReadonlySet<NodeId>;
  /** Takes down who was drawn, for explanations; undefined: nobody asks. */
  readonly seen: Candidate[] | undefined;
}

/** One that may be used, drawn by its weight and its share; undefined when there is none but `not`. */
export function drawUsable(lot: Lot, about: Circumstances, not: Candidate | undefined): Candidate | undefined {
  const candidate = draw(lot, about, not);
  if (about.seen !== undefined && candidate !== undefined) about.seen.push(candidate);
  return candidate;
}

/** Compared with each other where the best of all would be everybody's; two bad ones of three must not lead to one of them. */
const choices = 3;

/** The best of `first` and two more that are drawn; of so few, of all. `compare` says which of two it is. */
export function compareDrawn(
  lot: Lot,
  about: Circumstances,
  first: Candidate,
  compare: (best: Candidate, other: Candidate, about: Circumstances) => Candidate,
): Candidate {
  const { rows } = lot;
  if (rows.length === 1 && rows[0] === first) return first;
  let best = first;
  if (rows.length > choices) {
    for (let count = 1; count < choices; count++) {
      const other = drawUsable(lot, about, best);
      if (other !== undefined) best = compare(best, other, about);
    }
    return best;
  }
  const start = Math.floor(about.random() * rows.length);
  for (let step = 0; step < rows.length; step++) {
    const other = rows[(start + step) % rows.length] as Candidate;
    if (other === first || !isUsable(other, about)) continue;
    const share = shareOf(other, about.now);
    if (share < 1 && about.random() >= share) continue;
    about.seen?.push(other);
    best = compare(best, other, about);
  }
  return best;
}

function draw(lot: Lot, about: Circumstances, not: Candidate | undefined): Candidate | undefined {
  const { now, random } = about;
  const count = lot.rows.length;
  if (count === 0) return undefined;
  if (count <= 2) return ofFew(lot, about, not);
  let last: Candidate | undefined;
  for (let tries = 0; tries < drawsMax; tries++) {
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

export function isUsable({ node, track }: Candidate, { now, avoid }: Circumstances): boolean {
  if (avoid.size > 0 && avoid.has(node)) return false;
  const fitness = track.fitness(now);
  return fitness === 'fit' || fitness === 'trial';
}
