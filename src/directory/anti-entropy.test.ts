import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Member } from '../membership/member.ts';
import { mergeClaims } from '../membership/merge.ts';
import type { DirectoryRecord } from '../protocol/directory-record.ts';
import type { GossipItem } from '../protocol/gossip-item.ts';
import type { NodeId } from '../protocol/ids.ts';
import { type MemberState, memberStates } from '../protocol/member-update.ts';
import type { Delta } from '../protocol/sync.ts';
import { decodeSync, writeDelta } from '../protocol/sync.ts';
import { Writer } from '../protocol/writer.ts';
import { answerDigest, answerWanted, digestOf, type SyncView } from './anti-entropy.ts';
import { createDirectory } from './create-directory.ts';
import { packDelta } from './pack-delta.ts';

const idOf = (n: number) => n.toString(16).padStart(16, '0') as NodeId;

const member = (n: number, incarnation: number, state: MemberState): Member => ({
  id: idOf(n),
  name: `node-${n}`,
  incarnation,
  state,
  claimed: state,
  cause: undefined,
  unstable: false,
  observations: [],
  addresses: [{ address: '10.0.0.1', port: n }],
  reachedAt: { address: '10.0.0.1', port: n },
  versionOldest: 1,
  versionNewest: 1,
  recordVersion: 0,
  since: 0,
  rttMs: undefined,
  minRttMs: undefined,
  foundBy: [],
});

const record = (n: number, incarnation: number, version: number): DirectoryRecord => ({
  id: idOf(n),
  incarnation,
  version,
  services: [],
});

function merged(theirs: Member, mine: Member): Member {
  const claim = mergeClaims(mine, theirs);
  return { ...theirs, ...mine, ...claim, claimed: claim.state };
}

/** A replica as simple as can be. */
function replica(rows: readonly Member[], held: readonly DirectoryRecord[]) {
  const members = new Map(rows.map((row) => [row.id, row]));
  const directory = createDirectory(idOf(99), 1);
  for (const it of held) directory.merge(it);
  const view: SyncView = {
    rows: () => members.values(),
    row: (id) => members.get(id),
    record: (id) => directory.get(id),
  };
  function take(items: readonly GossipItem[]): void {
    for (const item of items) {
      if (item.type === 'record') directory.merge(item.record);
      if (item.type !== 'member') continue;
      const mine = members.get(item.update.id);
      const theirs = member(Number.parseInt(item.update.id, 16), item.update.incarnation, item.update.state);
      members.set(theirs.id, mine === undefined ? theirs : merged(theirs, mine));
    }
  }
  return { view, members, directory, take };
}

type Replica = ReturnType<typeof replica>;

/** Over the wire, in frames as small as they can be. */
function deliver(delta: Delta, to: Replica): NodeId[] {
  const wanted: NodeId[] = [];
  for (const packed of packDelta(delta, 300)) {
    const writer = new Writer();
    writeDelta(writer, packed.items, packed.wanted);
    const decoded = decodeSync(writer.bytes, 0, writer.length);
    if (!decoded.ok || decoded.value.kind !== 'delta') throw new Error('no delta');
    to.take(decoded.value.items);
    wanted.push(...decoded.value.wanted);
  }
  return wanted;
}

function exchange(a: Replica, b: Replica): void {
  const wanted = deliver(answerDigest(b.view, digestOf(a.view, true)), a);
  deliver(answerWanted(a.view, wanted), b);
}

const held = fc
  .array(
    fc.tuple(
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 3 }),
      fc.constantFrom(...memberStates),
      fc.integer({ min: 0, max: 3 }),
    ),
    { maxLength: 8 },
  )
  .map((rows) => {
    const unique = [...new Map(rows.map((row) => [row[0], row])).values()];
    return replica(
      unique.map(([n, incarnation, state]) => member(n, incarnation, state)),
      unique.map(([n, incarnation, , version]) => record(n, incarnation, version)),
    );
  });

describe('synchronisation', () => {
  it('[S1] [S2] after one exchange both know of all who are live to either, and the newest records of these', () => {
    fc.assert(
      fc.property(held, held, (a, b) => {
        exchange(a, b);
        for (const row of a.members.values()) {
          const other = b.members.get(row.id);
          if (other === undefined) expect(['dead', 'left']).toContain(row.state);
          else expect([other.incarnation, other.state]).toEqual([row.incarnation, row.state]);
          if (other === undefined) continue;
          const version = (it: Replica) => it.directory.heldVersion(row.id, row.incarnation);
          expect(version(a)).toBe(version(b));
        }
        for (const row of b.members.values()) {
          if (!a.members.has(row.id)) expect(['dead', 'left']).toContain(row.state);
        }
      }),
    );
  });

  it('[S1] who agree have nothing to say', () => {
    fc.assert(
      fc.property(held, held, (a, b) => {
        exchange(a, b);
        const delta = answerDigest(b.view, digestOf(a.view, true));
        expect(delta.wanted).toEqual([]);
        expect(delta.items).toEqual([]);
      }),
    );
  });

  it('[S1] a record that is newer goes alone when the member is known', () => {
    const a = replica([member(2, 5, 'alive')], [record(2, 5, 1)]);
    const b = replica([member(2, 5, 'alive')], [record(2, 5, 2)]);
    expect(answerDigest(b.view, digestOf(a.view, true))).toEqual({
      kind: 'delta',
      items: [{ type: 'record', record: record(2, 5, 2) }],
      wanted: [],
    });
    expect(answerDigest(a.view, digestOf(b.view, true))).toMatchObject({ items: [], wanted: [idOf(2)] });
  });

  it('[S3] splits what does not fit, in order, and makes no empty frame', () => {
    const items = Array.from({ length: 50 }, (_, i): GossipItem => ({ type: 'record', record: record(i + 1, 1, 1) }));
    const packed = packDelta({ kind: 'delta', items, wanted: [idOf(7)] }, 100);
    expect(packed.length).toBeGreaterThan(10);
    expect(packed.flatMap((it) => it.items)).toHaveLength(50);
    expect(packed.map((it) => it.wanted.length)).toEqual([1, ...packed.slice(1).map(() => 0)]);
    for (const it of packed) {
      const writer = new Writer();
      writeDelta(writer, it.items, it.wanted);
      expect(writer.length).toBeLessThanOrEqual(100);
    }
    expect(packDelta({ kind: 'delta', items: [], wanted: [] })).toEqual([]);
  });
});
