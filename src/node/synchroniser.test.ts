import { describe, expect, it } from 'vitest';
import { addressOf, gossip, idOf, machine, me, update } from '../../test/simulation/one-machine.ts';
import type { DirectoryRecord } from '../protocol/directory-record.ts';
import { FrameKind } from '../protocol/frame.ts';
import type { NodeId } from '../protocol/ids.ts';
import type { ReceivedFrame } from '../protocol/received-frame.ts';
import { type Delta, decodeSync } from '../protocol/sync.ts';
import { createSynchroniser, syncFields } from './synchroniser.ts';

const recordOf = (n: number, version: number): DirectoryRecord => ({
  id: idOf(n),
  incarnation: 1_000,
  version,
  services: [],
});

/** A node that knows `known`, and has version 1 of the record of each of `recorded`. */
function side(known: readonly number[], recorded: readonly number[] = []) {
  const m = machine();
  if (known.length > 0) m.packet(gossip(known[0] as number, ...known.map((n) => update(n))), addressOf(2), 0);
  const sent: { readonly peer: NodeId; readonly rest: Uint8Array }[] = [];
  const deltas: Delta[] = [];
  const synchroniser = createSynchroniser({
    view: {
      rows: () => [m.self(), ...m.members()],
      row: (id) => (id === me ? m.self() : m.get(id)),
      record: (id) => (recorded.some((n) => idOf(n) === id) ? recordOf(Number.parseInt(id, 16), 1) : undefined),
    },
    send: (peer, rest) => void sent.push({ peer, rest }),
    onDelta: (_, delta) => void deltas.push(delta),
  });
  return { synchroniser, sent, deltas };
}

const frameOf = (rest: Uint8Array) => ({ bytes: rest, start: 0, end: rest.length }) as unknown as ReceivedFrame;

describe('synchronisation', () => {
  it('[S1] answers a digest with what the other lacks, and asks for what itself lacks', () => {
    const a = side([2, 3], [3]);
    const b = side([2, 4], [4]);
    a.synchroniser.begin(idOf(9));
    expect(a.sent.map(({ peer }) => peer)).toEqual([idOf(9)]);
    expect(b.synchroniser.onFrame(idOf(1), frameOf(a.sent[0]!.rest))).toBeUndefined();
    const answer = decodeSync(b.sent[0]!.rest, 0, b.sent[0]!.rest.length);
    expect(answer).toMatchObject({ ok: true, value: { kind: 'delta', wanted: [idOf(3)] } });
    a.synchroniser.onFrame(idOf(9), frameOf(b.sent[0]!.rest));
    const told = a.deltas.flatMap(({ items }) => items.map((it) => (it.type === 'member' ? it.update.id : it.type)));
    expect(told).toEqual([idOf(4), 'record']);
    // [S2] What was wanted goes back, and nobody asks again.
    b.synchroniser.onFrame(idOf(1), frameOf(a.sent[1]!.rest));
    expect(b.deltas.at(-1)).toMatchObject({ wanted: [] });
    expect(b.deltas.at(-1)?.items.map((it) => it.type)).toEqual(['member', 'record']);
    expect([a.sent.length, b.sent.length]).toEqual([2, 1]);
  });

  it('[R2] asks for records by themselves', () => {
    const a = side([2]);
    const b = side([2, 5], [5]);
    a.synchroniser.ask(idOf(2), [idOf(5), idOf(77)]);
    b.synchroniser.onFrame(idOf(1), frameOf(a.sent[0]!.rest));
    a.synchroniser.onFrame(idOf(2), frameOf(b.sent[0]!.rest));
    expect(a.deltas[0]?.items).toMatchObject([{ type: 'member' }, { type: 'record', record: recordOf(5, 1) }]);
  });

  it('faults what makes no sense, and answers nothing', () => {
    const a = side([2]);
    for (const bytes of [[], [9], [1, 0, 255, 255, 255, 255], [2, 0, 0, 0, 1, 7]]) {
      expect(a.synchroniser.onFrame(idOf(2), frameOf(Uint8Array.from(bytes)))).toMatch(/^bad sync: /);
    }
    expect([a.sent, a.deltas]).toEqual([[], []]);
  });

  it('goes by frames of its own kind, which expire never', () => {
    expect(syncFields).toMatchObject({ kind: FrameKind.sync, hops: 1, deadlineMs: Number.POSITIVE_INFINITY });
  });
});
