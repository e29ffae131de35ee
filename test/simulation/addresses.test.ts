import { describe, expect, it } from 'vitest';
import type { NodeOptions } from '../../src/node/node-options.ts';
import type { Segment } from '../../src/testing/segment.ts';
import { createVirtualNode, type VirtualNode } from '../../src/testing/virtual-node.ts';
import { createWorld, type World } from '../../src/testing/world.ts';

interface Placed {
  readonly segments: readonly Segment[];
  readonly addresses?: 'ipv4' | 'ipv6' | 'both';
  readonly seeds?: NodeOptions['seeds'];
  readonly advertise?: NodeOptions['advertise'];
}

function place(world: World, name: string, { segments, addresses, seeds = [], advertise = [] }: Placed): VirtualNode {
  const virtual = createVirtualNode({
    world,
    host: world.host(name, addresses === undefined ? { segments } : { segments, addresses }),
    nodeOptions: {
      name,
      cluster: 'addresses',
      id: undefined,
      open: true,
      port: 7472,
      beaconPort: 7470,
      seeds,
      advertise,
      timing: 'lan',
    },
    onStarted() {},
    onFailed(_, error) {
      throw error;
    },
  });
  virtual.start();
  return virtual;
}

function view(from: VirtualNode, name: string) {
  return from.node?.nodesView().nodes.find((node) => node.name === name);
}

/** Whether each sees all others alive. */
function complete(nodes: readonly VirtualNode[]): boolean {
  return nodes.every((one) => nodes.every((other) => view(one, other.name)?.state === 'alive'));
}

/** Lets the time pass; tells how often one took another for anything but alive. */
async function doubts(world: World, nodes: readonly VirtualNode[], seconds: number): Promise<number> {
  let count = 0;
  for (let i = 0; i < 10 * seconds; i++) {
    await world.runFor(100);
    if (!complete(nodes)) count += 1;
  }
  return count;
}

const nobody = '10.1.0.250';

describe('addresses', () => {
  it('[M12] that lead nowhere, though they are named first and look best, do no harm', async () => {
    for (const seed of ['a', 'b', 'c', 'd', 'e']) {
      const world = createWorld({ seed });
      const site = world.segment('site', { multicast: false });
      const wrong = [nobody, '203.0.113.9', '10.2.9.9', '10.2.9.10', '10.2.9.11'];
      const advertise = wrong.map((host) => ({ host, port: undefined }));
      const first = place(world, 'first', { segments: [site], advertise });
      const seeds = [{ host: first.host.address(), port: 7472 }];
      const others = ['b', 'c', 'd'].map((name) => place(world, name, { segments: [site], seeds, advertise }));
      const nodes = [first, ...others];
      expect(await world.runUntil(() => complete(nodes), 2_000)).toBe(true);
      expect(await doubts(world, nodes, 20)).toBe(0);
      for (const one of others) {
        for (const other of nodes) {
          const { address } = view(one, other.name) ?? {};
          if (one !== other) expect(address).toBe(`${other.host.address()}:7472`);
        }
      }
    }
  });

  it('of the interface that still works take over when another fails', async () => {
    const world = createWorld();
    const [office, storage] = [world.segment('office'), world.segment('storage')];
    const nodes = ['a', 'b', 'c'].map((name) => place(world, name, { segments: [office, storage] }));
    expect(await world.runUntil(() => complete(nodes), 2_000)).toBe(true);
    for (const segment of [office, storage]) {
      for (const { host } of nodes) host.linkDown(segment);
      await world.runFor(5_000);
      expect(complete(nodes)).toBe(true);
      for (const { host } of nodes) host.linkUp(segment);
      await world.runFor(5_000);
    }
    expect(complete(nodes)).toBe(true);
  });

  it('of two segments that one host joins: those who cannot reach each other stay members by its help', async () => {
    const world = createWorld();
    const [office, storage] = [world.segment('office'), world.segment('storage')];
    const nodes = [
      place(world, 'a', { segments: [office] }),
      place(world, 'both', { segments: [office, storage] }),
      place(world, 'c', { segments: [storage] }),
    ];
    expect(await world.runUntil(() => complete(nodes), 3_000)).toBe(true);
    expect(await doubts(world, nodes, 30)).toBe(0);
    const [, both] = nodes;
    expect(view(nodes[0] as VirtualNode, 'c')?.foundBy).toMatchObject([{ method: 'gossip', via: both?.name }]);
  });

  it.each(['ipv4', 'ipv6', 'both'] as const)('of %s alone are enough, by beacons and by a seed', async (addresses) => {
    for (const multicast of [true, false]) {
      const world = createWorld();
      const site = world.segment('site', { multicast });
      const first = place(world, 'first', { segments: [site], addresses });
      const seeds = multicast ? [] : [{ host: 'first', port: 7472 }];
      const nodes = [first, ...['b', 'c'].map((name) => place(world, name, { segments: [site], addresses, seeds }))];
      expect(await world.runUntil(() => complete(nodes), 2_000)).toBe(true);
      expect(await doubts(world, nodes, 10)).toBe(0);
      const { address } = view(nodes[1] as VirtualNode, 'c') ?? {};
      expect(address).toMatch(addresses === 'ipv6' ? /^\[f/ : addresses === 'ipv4' ? /^10\./ : /./);
    }
  });

  it('of two families: those who have one each meet by the help of one who has both', async () => {
    const world = createWorld();
    const site = world.segment('site');
    const nodes = (['ipv4', 'both', 'ipv6'] as const).map((addresses) => {
      return place(world, `has-${addresses}`, { segments: [site], addresses });
    });
    expect(await world.runUntil(() => complete(nodes), 3_000)).toBe(true);
    expect(await doubts(world, nodes, 20)).toBe(0);
  });

  it('of the node itself are shown as they are now, and its own port where it has none', async () => {
    const world = createWorld();
    const segments = [world.segment('before'), world.segment('after')];
    const node = place(world, 'a', { segments });
    node.host.linkDown();
    await world.runFor(1_000);
    expect(view(node, 'a')?.address).toBe('127.0.0.1:7472');
    for (const segment of segments) {
      node.host.linkUp(segment);
      await world.runFor(1_500);
      expect(view(node, 'a')?.address).toBe(`${node.host.address(segment)}:7472`);
      node.host.linkDown(segment);
    }
  });

  it('that are names are looked up, and again when they change', async () => {
    const world = createWorld();
    const site = world.segment('site', { multicast: false });
    world.setName('me.example', [nobody]);
    const a = place(world, 'a', { segments: [site], advertise: [{ host: 'me.example', port: 7480 }] });
    await world.runFor(3_000);
    expect(a.node?.nodesView().nodes[0]?.address).toBe(`${nobody}:7480`);
    world.setName('me.example', ['10.2.0.9']);
    await world.runFor(40_000);
    const b = place(world, 'b', { segments: [site], seeds: [{ host: '10.2.0.1', port: 7472 }] });
    expect(await world.runUntil(() => complete([a, b]), 2_000)).toBe(true);
  });
});
