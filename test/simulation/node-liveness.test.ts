import { describe, expect, it } from 'vitest';
import type { MeshEvent } from '../../src/api/mesh-event.ts';
import { createVirtualCluster } from '../../src/testing/virtual-cluster.ts';

/** Real nodes on a virtual LAN that have known each other for a while. */
async function formed(nodes: number, seed: string) {
  const cluster = createVirtualCluster({ nodes, seed });
  cluster.startAll(500);
  const seen = (name: string, state: string) =>
    cluster.live.every(({ node }) => node?.nodesView().nodes.some((it) => it.name === name && it.state === state));
  const whole = await cluster.world.runUntil(() => cluster.nodes.every(({ name }) => seen(name, 'alive')), 20_000);
  expect(whole).toBe(true);
  await cluster.world.runFor(5_000);
  /** How long it took, in virtual milliseconds. */
  const until = async (condition: () => boolean, withinMs: number) => {
    const from = cluster.world.nowMs;
    return (await cluster.world.runUntil(condition, withinMs)) ? cluster.world.nowMs - from : Number.POSITIVE_INFINITY;
  };
  return { cluster, seen, until };
}

describe('real nodes on a virtual LAN', () => {
  it.each([2, 3, 8])(
    '[M12] a killed process of %i is dead for all within 100 ms, and it is told why',
    async (count) => {
      const { cluster, seen, until } = await formed(count, 'killed');
      cluster.nodes[1]?.crash();
      expect(await until(() => seen('n2', 'dead'), 5_000)).toBeLessThanOrEqual(100);
      const facts = cluster.nodes[0]?.node?.nodesView().nodes.find(({ name }) => name === 'n2')?.observations ?? [];
      expect(facts.length).toBeGreaterThan(0);
    },
  );

  it('[M7] who leaves has left for all within 200 ms, and is never dead', async () => {
    const { cluster, seen, until } = await formed(8, 'leaving');
    const told: MeshEvent[] = [];
    cluster.nodes[0]?.node?.watch((event) => void told.push(event));
    const stopped = cluster.nodes[1]?.stop();
    expect(await until(() => seen('n2', 'left'), 5_000)).toBeLessThanOrEqual(200);
    await cluster.world.complete(stopped ?? Promise.resolve());
    await cluster.world.runFor(5_000);
    expect(told.some((event) => 'node' in event && event.node.state === 'dead')).toBe(false);
  });

  it('[M15] a frozen process is degraded within a second, and never dead', async () => {
    const { cluster, seen, until } = await formed(8, 'frozen');
    const told: MeshEvent[] = [];
    cluster.nodes[0]?.node?.watch((event) => void told.push(event));
    told.length = 0;
    cluster.nodes[1]?.freeze();
    const others = () =>
      cluster.live.every(
        ({ name, node }) =>
          name === 'n2' || node?.nodesView().nodes.some((it) => it.name === 'n2' && it.state === 'degraded'),
      );
    expect(await until(others, 5_000)).toBeLessThanOrEqual(1_000);
    await cluster.world.runFor(9_000);
    cluster.nodes[1]?.thaw();
    expect(await until(() => seen('n2', 'alive'), 30_000)).toBeLessThanOrEqual(21_000);
    const states = told.flatMap((event) => ('node' in event ? [`${event.node.name} ${event.node.state}`] : []));
    const ofIt = states.filter((it) => it.startsWith('n2 ')).filter((it, i, all) => it !== all[i - 1]);
    expect(ofIt).toEqual(['n2 degraded', 'n2 alive']);
    expect(states.filter((it) => !it.startsWith('n2 ') && !it.endsWith(' alive'))).toEqual([]);
  });

  it('[M17] a partition is told once on each side, and once that it has healed', async () => {
    const { cluster, until } = await formed(7, 'parted');
    const told = new Map<string, MeshEvent[]>();
    for (const { name, node } of cluster.nodes) {
      const events: MeshEvent[] = [];
      told.set(name, events);
      node?.watch((event) => void ('partition' in event && events.push(event)));
    }
    const [few, many] = [cluster.nodes.slice(0, 2), cluster.nodes.slice(2)];
    const cut = cluster.world.partition(
      few.map(({ host }) => host),
      many.map(({ host }) => host),
    );
    await cluster.world.runFor(20_000);
    const seenBy = (index: number) => cluster.nodes[index]?.node?.nodesView().partitions ?? [];
    expect(seenBy(0)).toMatchObject([{ here: 2 }]);
    expect(seenBy(0)[0]?.there).toHaveLength(5);
    expect(seenBy(4)).toMatchObject([{ here: 5 }]);
    expect([...(seenBy(4)[0]?.there ?? [])].sort()).toEqual(['n1', 'n2']);
    cut.heal();
    expect(await until(() => cluster.nodes.every((_, i) => seenBy(i).length === 0), 10_000)).toBeLessThanOrEqual(3_000);
    await cluster.world.runFor(5_000);
    for (const events of told.values()) expect(events.map(({ type }) => type)).toEqual(['parted', 'healed']);
  });
});
