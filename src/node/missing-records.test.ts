import { describe, expect, it } from 'vitest';
import type { NodeId } from '../protocol/ids.ts';
import { createWorld } from '../testing/world.ts';
import { createMissingRecords } from './missing-records.ts';

const [a, b, c] = ['000000000000000a', '000000000000000b', '000000000000000c'] as [NodeId, NodeId, NodeId];

function bed() {
  const world = createWorld();
  const missing = new Set<NodeId>([a, b, c]);
  const asked: { readonly at: number; readonly peer: NodeId; readonly wanted: readonly NodeId[] }[] = [];
  const { clock } = world.host('x').start('main').runtime;
  const from = world.nowMs;
  const records = createMissingRecords(
    clock,
    (id) => missing.has(id),
    (peer, wanted) => void asked.push({ at: world.nowMs - from, peer, wanted }),
  );
  return { world, missing, asked, records };
}

describe('[R2] records that are known to be missing', () => {
  it('are asked for after 200 ms, all of one, and then of the next', async () => {
    const { world, asked, records } = bed();
    for (const id of [a, b, c]) records.add(id);
    await world.runFor(199);
    expect(asked).toEqual([]);
    await world.runFor(402);
    expect(asked).toEqual([
      { at: 200, peer: a, wanted: [a, b, c] },
      { at: 400, peer: b, wanted: [b, c, a] },
      { at: 600, peer: c, wanted: [c, a, b] },
    ]);
  });

  it('and have come by gossip meanwhile are not', async () => {
    const { world, missing, asked, records } = bed();
    records.add(a);
    records.add(b);
    missing.delete(a);
    await world.runFor(250);
    expect(asked.map(({ peer, wanted }) => [peer, wanted])).toEqual([[b, [b]]]);
    missing.clear();
    await world.runFor(10_000);
    expect(asked).toHaveLength(1);
  });

  it('are asked for no more after the end, and none is added', async () => {
    const { world, asked, records } = bed();
    records.add(a);
    records.stop();
    records.add(b);
    await world.runFor(10_000);
    expect(asked).toEqual([]);
  });
});
