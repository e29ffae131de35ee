import { describe, expect, it } from 'vitest';
import {
  type DiscoveryObserver,
  type DiscoveryObserverOptions,
  observeDiscovery,
} from '../../test/testing/discovery-observer.ts';
import { nodeIdFrom } from '../protocol/ids.ts';
import type { VirtualHost } from '../testing/virtual-host.ts';
import { createWorld, type World } from '../testing/world.ts';
import type { OwnMethod } from './discovery.ts';

type Settings = Omit<DiscoveryObserverOptions, 'runtime' | 'name'>;

const beaconsOnly: ReadonlySet<OwnMethod> = new Set(['multicast', 'broadcast']);

async function join(
  world: World,
  host: VirtualHost,
  program = 'main',
  settings: Settings = {},
): Promise<DiscoveryObserver> {
  const { runtime } = host.start(program);
  const name = program === 'main' ? host.name : program;
  const observer = await world.complete(observeDiscovery({ runtime, name, ...settings }));
  void observer.discovery.start();
  return observer;
}

function joinMany(world: World, count: number, settings: Settings = {}): Promise<DiscoveryObserver[]> {
  const hosts = Array.from({ length: count }, (_, i) => world.host(`h${i}`));
  return Promise.all(
    hosts.map(async (host) => {
      const observer = await observeDiscovery({ runtime: host.start().runtime, name: host.name, ...settings });
      void observer.discovery.start();
      return observer;
    }),
  );
}

function knows(observer: DiscoveryObserver, name: string): boolean {
  return observer.candidates.some((one) => one.beacon?.nodeName === name);
}

/** Datagrams of this observer that the wire carried so far, by beacon outlet. */
function sent(observer: DiscoveryObserver): readonly number[] {
  return observer.discovery.status().beacons.map((one) => one.sent);
}

describe('forming', () => {
  it('32 nodes that start together all know each other within a second', async () => {
    const world = createWorld({ seed: 7 });
    const observers = await joinMany(world, 32, { methods: beaconsOnly });
    const complete = (): boolean =>
      observers.every((one) => new Set(one.beacons.map((beacon) => beacon.node)).size === 31);
    expect(await world.runUntil(complete, 1_000)).toBe(true);
  });

  it('[B3] a newcomer knows everybody at once, though their pauses are long by now', async () => {
    const world = createWorld();
    const observers = await joinMany(world, 8, { methods: beaconsOnly });
    for (const one of observers) one.discovery.setSeeking(false);
    await world.runFor(60_000);
    const late = await join(world, world.host('late'));
    const complete = (): boolean => observers.every((one, i) => knows(one, 'late') && knows(late, `h${i}`));
    expect(await world.runUntil(complete, 50)).toBe(true);
    expect(late.waysTo('h0')).toContain('introduction eth0');
  });

  it('goes on when half of all packets are lost', async () => {
    const world = createWorld({ seed: 3 });
    world.lan.setConditions({ loss: 0.5 });
    const observers = await joinMany(world, 8, { methods: beaconsOnly });
    const complete = (): boolean =>
      observers.every((one) => new Set(one.beacons.map((beacon) => beacon.node)).size === 7);
    expect(await world.runUntil(complete, 5_000)).toBe(true);
  });

  it('tells on which interface and by which method a peer was found', async () => {
    const world = createWorld();
    const second = world.segment('storage');
    const a = await join(world, world.host('a', { segments: [world.lan, second] }), 'main', { methods: beaconsOnly });
    const b = await join(world, world.host('b', { segments: [world.lan, second] }), 'main', { methods: beaconsOnly });
    await world.runFor(3_000);
    for (const way of ['broadcast eth0', 'broadcast eth1', 'multicast eth0', 'multicast eth1']) {
      expect(a.waysTo('b')).toContain(way);
      expect(b.waysTo('a')).toContain(way);
    }
    const families = new Set(a.candidates.map((one) => (one.address.address.includes(':') ? 'ipv6' : 'ipv4')));
    expect([...families].sort()).toEqual(['ipv4', 'ipv6']);
    expect(
      a.candidates
        .filter((one) => one.address.address.startsWith('fe80'))
        .every((one) => /%eth[01]$/.test(one.address.address)),
    ).toBe(true);
  });

  it('agents of one host find each other without any network, and prefer one where there is', async () => {
    const world = createWorld();
    const lonely = world.host('lonely', { segments: [] });
    const [a, b] = [await join(world, lonely, 'a'), await join(world, lonely, 'b')];
    expect(await world.runUntil(() => knows(a, 'b') && knows(b, 'a'), 100)).toBe(true);
    expect(a.candidates[0]?.provenance.interface).toBe('lo');

    const attached = world.host('attached');
    const [c, d] = [await join(world, attached, 'c'), await join(world, attached, 'd')];
    expect(await world.runUntil(() => knows(c, 'd') && knows(d, 'c'), 100)).toBe(true);
    expect(c.candidates[0]?.provenance.interface).toBe('eth0');
  });

  it('[P4] in scope loopback nothing leaves the host and nothing from outside is heard', async () => {
    const world = createWorld();
    const host = world.host('a');
    const [a, b] = [
      await join(world, host, 'a', { scope: 'loopback' }),
      await join(world, host, 'b', { scope: 'loopback' }),
    ];
    const outside = await join(world, world.host('outside'));
    await world.runFor(5_000);
    expect([knows(a, 'b'), knows(b, 'a'), knows(outside, 'a')]).toEqual([true, true, false]);
    expect(knows(a, 'outside')).toBe(false);
    expect(a.discovery.status().beacons.every((one) => one.internal)).toBe(true);
  });
});

describe('interfaces that come and go', () => {
  it('a cable that is plugged in is used within a second and a half', async () => {
    const world = createWorld();
    const [hostA, hostB] = [world.host('a'), world.host('b')];
    hostA.linkDown();
    const a = await join(world, hostA);
    const b = await join(world, hostB);
    await world.runFor(30_000);
    expect([knows(a, 'b'), knows(b, 'a')]).toEqual([false, false]);
    hostA.linkUp();
    expect(await world.runUntil(() => knows(a, 'b') && knows(b, 'a'), 1_500)).toBe(true);
    hostA.linkDown();
    await world.runFor(2_000);
    expect(a.discovery.status().beacons.map((one) => one.interface)).not.toContain('eth0');
  });
});

describe('interfaces, heard before they are seen', () => {
  it('are looked for when a datagram comes from an unknown subnet', async () => {
    const world = createWorld();
    const [hostA, hostB] = [world.host('a'), world.host('b')];
    hostA.linkDown();
    const a = await join(world, hostA, 'main', { methods: beaconsOnly });
    const b = await join(world, hostB, 'main', { methods: beaconsOnly });
    // The next regular look is far away.
    await world.run(20_300);
    hostA.linkUp();
    b.discovery.announce();
    expect(await world.runUntil(() => knows(a, 'b') && knows(b, 'a'), 300)).toBe(true);
    expect(a.candidates.every((one) => one.provenance.interface === 'eth0')).toBe(true);
  });
});

describe('pacing', () => {
  it('[B2] pauses grow from 1 s to 10 s, and begin anew with news', async () => {
    const world = createWorld();
    const a = await join(world, world.host('a'), 'main', { methods: new Set(['broadcast']) });
    a.discovery.setSeeking(false);
    const counts: number[] = [];
    for (const untilMs of [500, 2_000, 4_500, 9_000, 19_000, 120_000]) {
      await world.run(untilMs);
      counts.push(sent(a)[0] ?? 0);
    }
    expect(counts.slice(0, 4)).toEqual([1, 2, 3, 4]);
    expect(counts[5]).toBeGreaterThanOrEqual(12);
    expect(counts[5]).toBeLessThanOrEqual(18);
    a.discovery.announce();
    await world.runFor(1_500);
    expect(sent(a)[0]).toBe((counts[5] ?? 0) + 2);
  });

  it('[B2] a seeking node is heard at least every 2.4 s', async () => {
    const world = createWorld();
    const a = await join(world, world.host('a'), 'main', { methods: new Set(['broadcast']) });
    await world.run(60_000);
    expect(sent(a)[0]).toBeGreaterThanOrEqual(25);
  });

  it('[B2] a node that finds nobody says so at 0, 0.25, 0.5 and 1 s', async () => {
    const world = createWorld();
    const b = await join(world, world.host('b'), 'main', { methods: beaconsOnly });
    b.discovery.setSeeking(false);
    await world.run(10_000);
    const a = await join(world, world.host('a'), 'main', { methods: beaconsOnly });
    await world.runFor(1_300);
    expect(b.beacons.filter((one) => one.nodeName === 'a')).toHaveLength(4);
    a.discovery.setSeeking(false);
    await world.runFor(3_000);
    expect(b.beacons.filter((one) => one.nodeName === 'a').length).toBeLessThanOrEqual(6);
  });

  it('a storm of news is 5 beacons a second, and the last news is out within 200 ms', async () => {
    const world = createWorld();
    const [a, b] = [await join(world, world.host('a')), await join(world, world.host('b'))];
    // A seeking node would be answered too.
    b.discovery.setSeeking(false);
    await world.runFor(1_000);
    const before = b.beacons.filter((one) => one.nodeName === 'a').length;
    for (let i = 0; i < 100; i++) {
      a.content.services = [{ name: `s${i}`, load: 0.5, state: 'up' }];
      a.discovery.announce();
      await world.runFor(20);
    }
    await world.runFor(200);
    const heard = b.beacons.filter((one) => one.nodeName === 'a').slice(before);
    expect(heard.length).toBeGreaterThanOrEqual(9);
    expect(heard.length).toBeLessThanOrEqual(12);
    expect(heard.at(-1)?.services[0]?.name).toBe('s99');
    expect(heard.every((one, i) => i === 0 || one.sequence > (heard[i - 1]?.sequence ?? 0))).toBe(true);
  });

  it('[B3] [D3] answers are at most 10 a second, and never larger than the question', async () => {
    const world = createWorld();
    const a = await join(world, world.host('a'), 'main', { methods: new Set(['multicast']) });
    a.content.services = Array.from({ length: 60 }, (_, i) => ({
      name: `service-number-${i}`,
      load: 0.1,
      state: 'up',
    }));
    a.discovery.setSeeking(false);
    await world.runFor(5_000);
    const asking = await joinMany(world, 60, { methods: new Set(['multicast']) });
    await world.runFor(900);
    expect(a.answers.length).toBeGreaterThanOrEqual(10);
    expect(a.answers.length).toBeLessThanOrEqual(20);
    expect(Math.max(...a.answers.map((one) => one.bytes.length))).toBeLessThanOrEqual(14 + 160);
    expect(asking.some((one) => one.waysTo('a').includes('introduction eth0'))).toBe(true);
  });

  it('[B5] a beacon keeps to its bound whatever the node offers', async () => {
    const world = createWorld();
    const [a, b] = [await join(world, world.host('a')), await join(world, world.host('b'))];
    a.content.services = Array.from({ length: 300 }, (_, i) => ({
      name: `a-rather-long-name-of-service-${i}`,
      load: 0.1,
      state: 'up',
    }));
    a.discovery.announce();
    expect(await world.runUntil(() => (b.beacons.at(-1)?.services.length ?? 0) > 20, 3_000)).toBe(true);
    expect(b.beacons.at(-1)?.services.length).toBeLessThan(60);
  });

  it('[B6] a goodbye is heard once by everybody', async () => {
    const world = createWorld();
    const observers = await joinMany(world, 4, { methods: beaconsOnly });
    await world.runFor(2_000);
    const [leaver, ...others] = observers;
    await world.complete(leaver!.stop(true));
    await world.runFor(100);
    for (const one of others) expect(one.beacons.filter((beacon) => beacon.leaving)).toHaveLength(1);
  });
});

describe('hosts that are copies of each other', () => {
  it('are noticed by their common id', async () => {
    const world = createWorld();
    const [a, b] = [await join(world, world.host('a')), await join(world, world.host('b'))];
    await world.runFor(10);
    const copy = await join(world, world.host('copy'), 'main', { identity: { node: a.identity.node } });
    await world.runFor(3_000);
    expect(a.discovery.status().ignored['own-id-elsewhere']).toBeGreaterThan(0);
    expect(copy.discovery.status().ignored['own-id-elsewhere']).toBeGreaterThan(0);
    expect([knows(a, 'copy'), knows(b, 'copy')]).toEqual([false, true]);
  });
});

describe('floods', () => {
  it('10,000 hostile datagrams a second neither silence others nor get an answer', async () => {
    const world = createWorld();
    const a = await join(world, world.host('a'), 'main', { methods: beaconsOnly });
    const { runtime } = world.host('attacker').start();
    const socket = await world.complete(
      runtime.datagrams.open({
        address: '0.0.0.0',
        port: 0,
        shared: false,
        broadcast: true,
        multicastInterface: undefined,
        onDatagram() {},
        onError() {},
      }),
    );
    const attack = (): void => {
      for (let i = 0; i < 50; i++)
        socket.send(runtime.random.bytes(64), { address: world.lan.broadcastAddress, port: 7470 });
      runtime.clock.schedule(5, attack);
    };
    attack();
    await world.runFor(1_000);
    const b = await join(world, world.host('b'), 'main', { methods: beaconsOnly });
    expect(await world.runUntil(() => knows(a, 'b') && knows(b, 'a'), 500)).toBe(true);
    const { ignored } = a.discovery.status();
    expect(ignored['flood']).toBeGreaterThan(5_000);
    expect(ignored['magic']).toBeLessThan(2_500);
    expect(a.answers.every((one) => one.to.port === b.nodePort)).toBe(true);
  });
});

describe('a copied disk', () => {
  async function copied(told: readonly { readonly name: string; readonly incarnation: number }[]) {
    const world = createWorld();
    const warnings: string[] = [];
    const log = { debug() {}, info() {}, warn: (text: string) => void warnings.push(text), error() {} };
    const node = nodeIdFrom(Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]));
    const both: DiscoveryObserver[] = [];
    for (const [i, { name, incarnation }] of told.entries()) {
      const { runtime } = world.host(`host${i}`).start('main', { log });
      const identity = { node, incarnation };
      both.push(await world.complete(observeDiscovery({ runtime, name, identity, nodePort: 7472 })));
    }
    for (const one of both) void one.discovery.start();
    await world.runFor(60_000);
    return { both, warnings };
  }

  it.each([10, 20])(
    '[B7] is noticed on both hosts, and logged once, with incarnations 10 and %d',
    async (incarnation) => {
      const { both, warnings } = await copied([
        { name: 'a', incarnation: 10 },
        { name: 'b', incarnation },
      ]);
      expect(both.map((one) => one.discovery.status().copies.map((copy) => copy.name))).toEqual([['b'], ['a']]);
      expect(warnings.filter((text) => text.includes('has the id of this one'))).toHaveLength(2);
      expect(both.flatMap((one) => one.candidates.filter((candidate) => candidate.beacon !== undefined))).toEqual([]);
    },
  );

  it('[B7] is noticed on a host that has said less, where all else is the same', async () => {
    const { both } = await copied([
      { name: 'a', incarnation: 10 },
      { name: 'a', incarnation: 10 },
    ]);
    expect(both.flatMap((one) => one.discovery.status().copies)).not.toEqual([]);
  });
});
