import type { NodeId } from '../protocol/ids.ts';
import { membersMax } from '../protocol/limits.ts';
import type { MemberState } from '../protocol/member-update.ts';
import { viewDigestTerm } from '../protocol/view-digest.ts';
import { isLive, stateRank } from './merge.ts';
import type { Row } from './row.ts';

/** All rows but this node's own, with the indexes the machine needs. */
export interface MemberTable {
  readonly rows: ReadonlyMap<NodeId, Row>;
  /** Alive, degraded and suspect, in no order. */
  readonly live: readonly Row[];
  /** [M10] Room for one more live member. */
  hasRoom(): boolean;
  add(row: Row): void;
  remove(row: Row): void;
  /** To be called after the row's state, incarnation, record version or name (then with the old one) has changed. */
  reindex(row: Row, previousState: MemberState, previousName: string): void;
  /** The liveliest and then the newest of this name. */
  byName(name: string): Row | undefined;
  count(state: MemberState): number;
  /** The live one with the next id, after the highest the lowest. Of the id asked last it is remembered. */
  nextAfter(id: NodeId): Row | undefined;
  /** [M9] XOR of the terms of all live rows. */
  digest(): number;
  /** Dead or left longest. */
  oldestTombstone(): Row | undefined;
}

export function createMemberTable(): MemberTable {
  const rows = new Map<NodeId, Row>();
  const live: Row[] = [];
  const names = new Map<string, Row[]>();
  const counts: Record<MemberState, number> = { alive: 0, degraded: 0, suspect: 0, dead: 0, left: 0 };
  let digest = 0;
  let asked: { readonly id: NodeId; readonly next: Row | undefined } | undefined;

  function enter(row: Row): void {
    counts[row.state]++;
    const namesakes = names.get(row.name);
    if (namesakes === undefined) names.set(row.name, [row]);
    else namesakes.push(row);
    if (!isLive(row.state)) return;
    row.liveIndex = live.push(row) - 1;
    asked = undefined;
    row.digestTerm = viewDigestTerm(row.id, row.incarnation, row.recordVersion);
    digest ^= row.digestTerm;
  }

  function exit(row: Row, state: MemberState, name: string): void {
    counts[state]--;
    const others = (names.get(name) ?? []).filter((it) => it !== row);
    if (others.length > 0) names.set(name, others);
    else names.delete(name);
    if (row.liveIndex < 0) return;
    const last = live.pop();
    if (last !== undefined && last !== row) {
      live[row.liveIndex] = last;
      last.liveIndex = row.liveIndex;
    }
    row.liveIndex = -1;
    asked = undefined;
    digest ^= row.digestTerm;
    row.digestTerm = 0;
  }

  return {
    rows,
    live,
    // This node is a member too.
    hasRoom: () => live.length + 1 < membersMax,
    add(row) {
      rows.set(row.id, row);
      enter(row);
    },
    remove(row) {
      if (!rows.delete(row.id)) return;
      exit(row, row.state, row.name);
    },
    reindex(row, previousState, previousName) {
      exit(row, previousState, previousName);
      enter(row);
    },
    byName: (name) => names.get(name)?.reduce((best, row) => (isBetter(row, best) ? row : best)),
    count: (state) => counts[state],
    nextAfter(id) {
      if (asked?.id !== id) asked = { id, next: nextOnRing(live, id) };
      return asked.next;
    },
    digest: () => digest >>> 0,
    oldestTombstone() {
      let oldest: Row | undefined;
      for (const row of rows.values()) {
        if (!isLive(row.state) && (oldest === undefined || row.since < oldest.since)) oldest = row;
      }
      return oldest;
    },
  };
}

function isBetter(a: Row, b: Row): boolean {
  const byState = stateRank(a.state) - stateRank(b.state);
  return byState !== 0 ? byState < 0 : a.incarnation > b.incarnation;
}

function nextOnRing(live: readonly Row[], id: NodeId): Row | undefined {
  let next: Row | undefined;
  let first: Row | undefined;
  for (const row of live) {
    if (first === undefined || row.id < first.id) first = row;
    if (row.id > id && (next === undefined || row.id < next.id)) next = row;
  }
  return next ?? first;
}
