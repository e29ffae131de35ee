import type { Member } from '../membership/member.ts';
import type { DirectoryRecord } from '../protocol/directory-record.ts';
import type { GossipItem } from '../protocol/gossip-item.ts';
import { type NodeId, noNode } from '../protocol/ids.ts';
import { digestRowsMax } from '../protocol/limits.ts';
import { type MemberState, memberStates } from '../protocol/member-update.ts';
import type { Delta, Digest, DigestRow } from '../protocol/sync.ts';

/** What a node holds, as far as synchronisation is concerned. */
export interface SyncView {
  /** Every row, this node's own included. */
  rows(): Iterable<Member>;
  row(id: NodeId): Member | undefined;
  record(id: NodeId): DirectoryRecord | undefined;
}

/** Says what is held. */
export function digestOf(view: SyncView, wantsAnswer: boolean): Digest {
  const rows: DigestRow[] = [];
  for (const { id, incarnation, claimed: state } of view.rows()) {
    if (rows.length === digestRowsMax) break;
    rows.push({ id, incarnation, state, recordVersion: heldVersion(view, id, incarnation) });
  }
  return { kind: 'digest', answerWanted: wantsAnswer, rows };
}

/** [S1] What the other lacks, and what it has that is lacking here. The dead and the left are told only to who knew them. */
export function answerDigest(view: SyncView, digest: Digest): Delta {
  const theirs = new Map(digest.rows.map((row) => [row.id, row]));
  const items: GossipItem[] = [];
  for (const mine of view.rows()) {
    const their = theirs.get(mine.id);
    if (their === undefined) {
      if (isLive(mine.claimed)) items.push(...itemsOf(view, mine));
      continue;
    }
    if (overrides(claimOf(mine), their)) items.push(memberItem(mine));
    const record = view.record(mine.id);
    if (record !== undefined && isNewer(record, their)) items.push({ type: 'record', record });
  }
  return { kind: 'delta', items, wanted: digest.rows.filter((their) => isWanted(view, their)).map((row) => row.id) };
}

/** [S2] */
export function answerWanted(view: SyncView, wanted: readonly NodeId[]): Delta {
  const items: GossipItem[] = [];
  for (const id of wanted) {
    const row = view.row(id);
    if (row !== undefined) items.push(...itemsOf(view, row));
  }
  return { kind: 'delta', items, wanted: [] };
}

/** A member comes before its record: a record of somebody unknown is not taken. */
function itemsOf(view: SyncView, row: Member): GossipItem[] {
  const record = view.record(row.id);
  const items: GossipItem[] = [memberItem(row)];
  if (record !== undefined && record.version > 0) items.push({ type: 'record', record });
  return items;
}

function memberItem(row: Member): GossipItem {
  const { id, incarnation, claimed: state, versionOldest, versionNewest, recordVersion, name, addresses, cause } = row;
  const versions = { versionOldest, versionNewest };
  const update = { id, incarnation, state, ...versions, recordVersion, by: noNode, name, addresses, cause };
  return { type: 'member', update };
}

function isWanted(view: SyncView, their: DigestRow): boolean {
  const mine = view.row(their.id);
  if (mine === undefined) return isLive(their.state);
  if (overrides(their, claimOf(mine))) return true;
  return their.incarnation === mine.incarnation && their.recordVersion > heldVersion(view, mine.id, mine.incarnation);
}

function heldVersion(view: SyncView, id: NodeId, incarnation: number): number {
  const record = view.record(id);
  return record?.incarnation === incarnation ? record.version : 0;
}

function isNewer(record: DirectoryRecord, their: DigestRow): boolean {
  if (record.version === 0) return false;
  return (
    record.incarnation > their.incarnation ||
    (record.incarnation === their.incarnation && record.version > their.recordVersion)
  );
}

/** What nodes say to each other of a member, whatever is shown of it here. */
function claimOf({ incarnation, claimed }: Member): Stated {
  return { incarnation, state: claimed };
}

type Stated = Pick<DigestRow, 'incarnation' | 'state'>;

/** [M1] */
function overrides(a: Stated, b: Stated): boolean {
  return a.incarnation > b.incarnation || (a.incarnation === b.incarnation && rank(a.state) > rank(b.state));
}

function isLive(state: MemberState): boolean {
  return rank(state) < rank('dead');
}

function rank(state: MemberState): number {
  return memberStates.indexOf(state);
}
