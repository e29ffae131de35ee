import { describe, expect, it } from 'vitest';
import { createVirtualCluster } from '../../src/testing/virtual-cluster.ts';

/** Nodes on a virtual LAN, the first of which serves crm; `seen` is the load the others have of it, when all agree. */
async function formed(nodes: number, seed: string) {
  const cluster = createVirtualCluster({ nodes, seed });
  const { world } = cluster;
  cluster.startAll(500);
  const whole = () =>
    cluster.live.length === nodes && cluster.live.every(({ node }) => node?.nodesView().nodes.length === nodes);
  expect(await world.runUntil(whole, 20_000)).toBe(true);
  const kinds = { messages: true, http: false, streams: false };
  const provider = { deliver: () => () => undefined, open: undefined };
  const first = cluster.nodes[0];
  first?.node?.provide('crm', provider, { kinds, weight: 100, labels: {}, inFlightMax: 8 });
  const seen = () => {
    const loads = cluster.live.map(({ node }) => node?.resolve('crm')[0]?.load);
    return loads.every((load) => load === loads[0]) ? loads[0] : undefined;
  };
  const setLoad = (load: number) => first?.host.setLoad(load);
  await world.runFor(12_000);
  return { world, seen, setLoad };
}

describe('[R7] the load of a host', () => {
  it.each([2, 10, 25])('of %i is known to all soon after it is burnt, and after it is free', async (nodes) => {
    const { world, seen, setLoad } = await formed(nodes, `burnt-${nodes}`);
    for (const load of [0.9, 0.1]) {
      setLoad(load);
      expect(await world.runUntil(() => seen() === load, 1_500), `${load} is known within 1.5 s`).toBe(true);
    }
  });

  it('that wavers by less than 0.05 is not told, until it is time to tell it again', async () => {
    const { world, seen, setLoad } = await formed(5, 'wavering');
    setLoad(0.5);
    await world.runUntil(() => seen() === 0.5, 1_500);
    const heard = new Set<number | null | undefined>();
    for (let i = 0; i < 32; i++) {
      setLoad(i % 2 === 0 ? 0.532 : 0.468);
      await world.runFor(250);
      heard.add(seen());
    }
    expect([...heard]).toEqual([0.5]);
    setLoad(0.532);
    expect(await world.runUntil(() => seen() === 0.532, 4_000)).toBe(true);
  });
});
