import { describe, expect, it } from 'vitest';
import type { KeyReport } from '../../src/api/key-report.ts';
import type { Settlement } from '../../src/delivery/settlement.ts';
import { simulateSeed } from '../../src/testing/simulate-seed.ts';
import { clusterName, createSealedBed, firstRing, gently, type SealedBed, service } from './sealed-bed.ts';

const oldKey = firstRing.inUse;

/** 100 calls a second from all nodes but those left out, until `stop`. */
function startLoad({ cluster, call }: SealedBed, without: readonly number[] = []) {
  const settled: Settlement[] = [];
  let begun = 0;
  let stopped = false;
  const { world } = cluster;
  const next = (): void => {
    if (stopped) return;
    const at = begun % cluster.nodes.length;
    begun += 1;
    if (!without.includes(at)) void call(at).then((settlement) => settled.push(settlement));
    world.at(world.nowMs + 10, next);
  };
  next();
  return {
    settled,
    failed: () => settled.filter(({ outcome }) => outcome !== 'answered'),
    stop: () => void (stopped = true),
  };
}

async function rotate(bed: SealedBed, at = 0): Promise<readonly KeyReport[]> {
  const { world } = bed.cluster;
  const keys = bed.keys(at);
  const added = await world.complete(keys.add(undefined, gently));
  await world.runFor(300);
  const used = await world.complete(keys.use(added.key ?? '', gently));
  await world.runFor(300);
  return [added, used, await world.complete(keys.remove(oldKey, gently))];
}

const ringsOf = ({ cluster, keys }: SealedBed) =>
  cluster.world.complete(Promise.all(cluster.live.map(({ name }) => keys(Number(name.slice(1)) - 1).list())));

describe('a cluster with a key', () => {
  it('forms, and tells no name to who only listens', async () => {
    const bed = createSealedBed('names', 10);
    bed.cluster.startAll();
    expect(await bed.formed()).toBe(true);
    const load = startLoad(bed);
    await bed.cluster.world.runFor(3_000);
    load.stop();
    await bed.cluster.stopAll();
    expect(load.failed()).toEqual([]);
    expect(bed.recorded.length).toBeGreaterThan(500);
    const said = bed.recorded.map(({ bytes }) => Buffer.from(bytes).toString('latin1')).join('');
    for (const name of [service, clusterName, 'payroll']) expect(said).not.toContain(name);
    // mDNS is as public as it ever is, and names ids only; all else is sealed.
    const isSealed = (bytes: Uint8Array) => Buffer.from(bytes.subarray(0, 6)).toString('hex') === '464754410101';
    const open = bed.recorded.filter(({ bytes, to }) => to.port !== 5353 && !isSealed(bytes));
    expect(open).toEqual([]);
  });

  it('[K7] gets another key under load without losing a call, and its links follow', async () => {
    const bed = createSealedBed('rotation', 10);
    bed.cluster.startAll();
    expect(await bed.formed()).toBe(true);
    const load = startLoad(bed);
    await bed.cluster.world.runFor(2_000);
    const linksBefore = bed.cluster.live.map(({ node }) => node?.status().links);
    const steps = await rotate(bed);
    await bed.cluster.world.runFor(4_000);
    load.stop();
    await bed.cluster.world.runFor(6_000);

    for (const [index, result] of (['added', 'used', 'removed'] as const).entries()) {
      expect(steps[index]?.nodes.map((node) => node.result)).toEqual(Array(10).fill(result));
    }
    expect(load.failed().slice(0, 3)).toEqual([]);
    expect(load.settled.length).toBeGreaterThan(600);
    for (const report of await ringsOf(bed)) {
      expect(report.keys).toHaveLength(1);
      expect(report.inUse).not.toBe(oldKey);
    }
    const linksAfter = bed.cluster.live.map(({ node }) => node?.status().links);
    expect(linksAfter.every((count, index) => (count ?? 0) >= (linksBefore[index] ?? 0))).toBe(true);
    expect(await bed.formed()).toBe(true);
  });

  it('[K10] a node asleep during the rotation comes back without an operator', async () => {
    const bed = createSealedBed('asleep', 10);
    bed.cluster.startAll();
    expect(await bed.formed()).toBe(true);
    const { world } = bed.cluster;
    bed.cluster.nodes[4]?.powerOff();
    await world.runFor(20_000);
    const [added, used, removed] = await rotate(bed);
    expect([added?.done, used?.done, removed?.done]).toEqual([true, true, false]);
    const straggler = removed?.nodes.find(({ node }) => node === 'n5');
    expect(straggler).toMatchObject({ state: 'dead', result: 'straggler' });
    await world.runFor(5_000);

    bed.cluster.nodes[4]?.start();
    await world.runFor(1_000);
    expect(await bed.formed()).toBe(true);
    const newKey = added?.key ?? '';
    const caughtUp = async () => (await world.complete(bed.keys(4).list())).inUse === newKey;
    let hasIt = await caughtUp();
    for (let waited = 0; !hasIt && waited < 20; waited++) {
      await world.runFor(1_000);
      hasIt = await caughtUp();
    }
    expect(hasIt).toBe(true);
    const again = await world.complete(bed.keys(0).remove(oldKey, gently));
    expect(again.done).toBe(true);
    await world.runFor(5_000);
    expect(await bed.formed()).toBe(true);
  });

  it('[K7] one that has met nobody takes no key away from those whom it has not met', async () => {
    const bed = createSealedBed('not met', 3);
    const { world, nodes } = bed.cluster;
    const hosts = nodes.map(({ host }) => host);
    const cut = world.partition(hosts.slice(0, 2), hosts.slice(2));
    bed.cluster.startAll();
    await world.runFor(10_000);
    const [added, used, removed] = await rotate(bed, 2);
    expect([added?.done, used?.done, removed?.done]).toEqual([true, true, false]);
    expect(removed?.nodes).toMatchObject([{ node: 'n3', result: 'straggler' }]);
    expect(removed?.nodes[0]?.reason).toContain('remembers nobody');
    expect(removed?.keys.map(({ id }) => id)).toContain(oldKey);
    cut.heal();
    expect(await bed.formed()).toBe(true);
  });

  it('[K7] a cluster of one changes its key when it is told to, though nobody else can be asked', async () => {
    const bed = createSealedBed('one', 1);
    bed.cluster.startAll();
    await bed.cluster.world.runFor(5_000);
    const [, used, removed] = await rotate(bed);
    expect([used?.done, removed?.done]).toEqual([true, false]);
    const insisted = await bed.cluster.world.complete(bed.keys(0).remove(oldKey, { insist: true, without: [] }));
    expect(insisted.done).toBe(true);
    expect(insisted.keys.map(({ id }) => id)).toEqual([used?.inUse]);
  });

  it('[K7] one that began in a small part of it does not take away the key of the others', async () => {
    const bed = createSealedBed('small part', 6);
    bed.cluster.startAll();
    expect(await bed.formed()).toBe(true);
    const { world, nodes } = bed.cluster;
    await world.runFor(15_000);
    const hosts = nodes.map(({ host }) => host);
    const cut = world.partition(hosts.slice(0, 4), hosts.slice(4));
    await world.runFor(10_000);
    nodes[5]?.crash();
    nodes[5]?.start();
    await world.runFor(5_000);
    const [, , removed] = await rotate(bed, 5);
    expect(removed?.done).toBe(false);
    const reasons = new Map(removed?.nodes.map(({ node, reason }) => [node, reason]));
    expect(reasons.get('n1')).toBe('n5 remembers it as dead, and it may come back');

    nodes[4]?.crash();
    nodes[5]?.crash();
    nodes[5]?.start();
    await world.runFor(5_000);
    const again = await world.complete(bed.keys(5).remove(oldKey, gently));
    expect(again.done).toBe(false);
    expect(again.nodes.find(({ node }) => node === 'n1')?.reason).toBe(
      'it was there when this node ran last, and may come back',
    );
    nodes[4]?.start();
    cut.heal();
    await world.runFor(1_000);
    expect(await bed.formed()).toBe(true);
  });

  it('[K7] who is left out of a rotation is shut out within 5 s, and stays out', async () => {
    const bed = createSealedBed('thief', 10);
    bed.cluster.startAll();
    expect(await bed.formed()).toBe(true);
    const { world } = bed.cluster;
    const without = { insist: false, without: ['n7'] };
    const keys = bed.keys(0);
    const slip = keys.add(undefined, { insist: false, without: ['n7', 'm7'] });
    await expect(world.complete(slip)).rejects.toThrow('there is no node "m7"');
    expect((await world.complete(keys.list())).keys).toHaveLength(1);
    const { key } = await world.complete(keys.add(undefined, without));
    await world.complete(keys.use(key ?? '', without));
    const removed = await world.complete(keys.remove(oldKey, without));
    expect(removed.done).toBe(true);
    expect(removed.nodes.find(({ node }) => node === 'n7')?.result).toBe('excluded');
    await world.runFor(5_000);
    const call = await world.complete(bed.call(6));
    const served = call.outcome === 'answered' ? call.instance?.node : undefined;
    expect([undefined, 'n7']).toContain(served);
    await world.runFor(60_000);
    expect((await world.complete(bed.keys(6).list())).keys.map(({ id }) => id)).toEqual([oldKey]);
    for (const { name, node } of bed.cluster.live) {
      const row = node?.nodesView().nodes.find((each) => each.name === 'n7');
      if (name !== 'n7') expect(row?.state).toBe('dead');
    }
  });
});

describe('two sides of a partition', () => {
  it('[K10] that were rotated apart find each other again, and agree on one key', async () => {
    const bed = createSealedBed('apart', 6);
    bed.cluster.startAll();
    expect(await bed.formed()).toBe(true);
    const { world, nodes } = bed.cluster;
    const hosts = nodes.map(({ host }) => host);
    const cut = world.partition(hosts.slice(0, 3), hosts.slice(3));
    await world.runFor(15_000);
    for (const at of [0, 4]) {
      const steps = await rotate(bed, at);
      expect(steps.map(({ done }) => done)).toEqual([true, true, false]);
    }
    await world.runFor(5_000);
    cut.heal();
    expect(await bed.formed()).toBe(true);
    await world.runFor(30_000);
    expect(new Set((await ringsOf(bed)).map(({ inUse }) => inUse)).size).toBe(1);
    expect(await bed.formed()).toBe(true);
  });
});

describe('lives of clusters with a key', () => {
  it.each([1, 2, 3])('lose nothing while keys are rotated again and again, seed %i', async (seed) => {
    const options = { seed: `rotating ${seed}`, nodes: 6, minutes: 0.5, faults: [], sealed: true, rotateMs: 1_500 };
    const { failures, outcomes } = await simulateSeed(options);
    expect(failures).toEqual([]);
    expect(Object.keys(outcomes).filter((outcome) => /link-lost|unreachable|busy/.test(outcome))).toEqual([]);
  });

  it.each(['x', 'y', 'z'])('bear all faults, seed %s', async (seed) => {
    const result = await simulateSeed({ seed: `sealed ${seed}`, nodes: 6, minutes: 0.5, sealed: true });
    expect(result.failures).toEqual([]);
    expect(result.executions).toBeGreaterThan(50);
  });

  // In these a node that had just begun knew a part of the cluster only, and took away the key that it shared with the rest.
  it.each(['rotfault 9', 'rotfault 14'])('bear all faults while keys are rotated, seed %s', async (seed) => {
    const options = { seed, nodes: 8, minutes: 0.5, sealed: true, rotateMs: 1_500 };
    expect((await simulateSeed(options)).failures).toEqual([]);
  });

  it.each(['probe 38', 'probe 58'])('a node started anew with its clock set back is heard, seed %s', async (seed) => {
    expect((await simulateSeed({ seed, nodes: 6, minutes: 0.5, sealed: true })).failures).toEqual([]);
  });
});
