import type { MemberState } from '../protocol/member-update.ts';

/** What of a row is merged. All else that is said of a member belongs to one incarnation and never changes within it. */
export interface Claim {
  readonly incarnation: number;
  readonly state: MemberState;
  readonly recordVersion: number;
}

const ranks: Readonly<Record<MemberState, number>> = { alive: 0, degraded: 1, suspect: 2, dead: 3, left: 4 };

/** [M1] Whether the first would override the second. */
export function overrides(a: Pick<Claim, 'incarnation' | 'state'>, b: Pick<Claim, 'incarnation' | 'state'>): boolean {
  if (a.incarnation !== b.incarnation) return a.incarnation > b.incarnation;
  return ranks[a.state] > ranks[b.state];
}

/** [M1] Commutative, associative and idempotent; the record version is that of the winning incarnation, the highest said. */
export function mergeClaims(a: Claim, b: Claim): Claim {
  if (a.incarnation !== b.incarnation) return a.incarnation > b.incarnation ? a : b;
  const { incarnation } = a;
  const { state } = overrides(a, b) ? a : b;
  return { incarnation, state, recordVersion: Math.max(a.recordVersion, b.recordVersion) };
}

/** Alive, degraded or suspect: it is counted, probed, told news and part of the view digest. */
export function isLive(state: MemberState): boolean {
  return ranks[state] < ranks.dead;
}

/** The livelier the smaller. */
export function stateRank(state: MemberState): number {
  return ranks[state];
}
