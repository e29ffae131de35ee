import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type DiscoveryObserver, observeDiscovery } from '../../test/testing/discovery-observer.ts';
import { undisturbedTime } from '../../test/undisturbed-time.ts';
import { silentLog } from '../runtime/log.ts';
import { memoryStorage } from '../runtime/memory-storage.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { systemRuntime } from '../runtime/system-runtime.ts';
import type { OwnMethod } from './discovery.ts';

// Real sockets, on loopback only. Each run takes a port of its own: two runs on one host would hear each other.
let beaconPort = 0;
const observers: DiscoveryObserver[] = [];

function createRuntime(): Runtime {
  return systemRuntime({ storage: memoryStorage(), log: silentLog });
}

async function observe(name: string, methods: readonly OwnMethod[], cluster = 'test'): Promise<DiscoveryObserver> {
  const observer = await observeDiscovery({
    runtime: createRuntime(),
    name,
    scope: 'loopback',
    beaconPort,
    methods: new Set(methods),
    cluster,
  });
  observers.push(observer);
  return observer;
}

async function until(condition: () => boolean): Promise<void> {
  await expect.poll(condition, { interval: 2 }).toBe(true);
}

beforeAll(async () => {
  const socket = await createRuntime().datagrams.open({
    address: '127.0.0.1',
    port: 0,
    shared: false,
    broadcast: false,
    multicastInterface: undefined,
    onDatagram() {},
    onError() {},
  });
  beaconPort = socket.local.port;
  socket.close();
});

afterEach(async () => {
  await Promise.all(observers.splice(0).map((one) => one.stop()));
});

describe('discovery over real sockets', () => {
  it.each(['multicast', 'broadcast'] as const)(
    'two nodes of one host find each other by %s within 100 ms',
    async (method) => {
      const a = await observe('a', [method]);
      await a.discovery.start();
      const b = await observe('b', [method]);
      const elapsedMs = undisturbedTime();
      await b.discovery.start();
      await until(() => a.waysTo('b').length > 0 && b.waysTo('a').length > 0);
      expect(elapsedMs()).toBeLessThan(100);
      // The newcomer is heard; the one that was there already introduces itself in answer [B3].
      expect(a.waysTo('b')).toEqual([`${method} lo`]);
      expect(b.waysTo('a')).toEqual(['introduction lo']);
      expect(a.candidates[0]?.address).toEqual({ address: '127.0.0.1', port: b.nodePort });
      expect(b.candidates[0]?.address).toEqual({ address: '127.0.0.1', port: a.nodePort });
      a.discovery.announce();
      await until(() => b.waysTo('a').includes(`${method} lo`));
    },
  );

  it('both methods at once are told apart, and a beacon counts once', async () => {
    const a = await observe('a', ['multicast', 'broadcast']);
    await a.discovery.start();
    const b = await observe('b', ['multicast', 'broadcast']);
    await b.discovery.start();
    await until(() => a.waysTo('b').length === 2);
    expect(a.waysTo('b')).toEqual(['broadcast lo', 'multicast lo']);
    expect(a.beacons).toHaveLength(1);
    const heard = a.discovery.status().beacons.filter((one) => one.family === 'ipv4');
    expect(heard.map(({ method, interface: name, heard: copies, state }) => [method, name, copies, state])).toEqual([
      ['multicast', 'lo', 1, 'working'],
      ['broadcast', 'lo', 1, 'working'],
    ]);
  });

  it('[B6] a goodbye is heard, and yields no candidate', async () => {
    const a = await observe('a', ['multicast']);
    const b = await observe('b', ['multicast']);
    // It asks nothing: an answer would come by another socket, and may be read after the goodbye.
    a.discovery.setSeeking(false);
    await a.discovery.start();
    await b.discovery.start();
    await until(() => a.beacons.length > 0);
    const candidates = a.candidates.length;
    await b.stop(true);
    await until(() => a.beacons.at(-1)?.leaving === true);
    expect(a.candidates).toHaveLength(candidates);
    expect(a.beacons.filter((one) => one.leaving)).toHaveLength(1);
  });

  it('[D2] other clusters are counted and get no answer', async () => {
    const a = await observe('a', ['multicast']);
    await a.discovery.start();
    const stranger = await observe('s', ['multicast'], 'elsewhere');
    await stranger.discovery.start();
    await until(() => (a.discovery.status().ignored['other-cluster'] ?? 0) > 0);
    expect([a.beacons, a.candidates, a.answers, stranger.candidates]).toEqual([[], [], [], []]);
  });

  it('[D2] hostile datagrams only raise counters', async () => {
    const a = await observe('a', ['multicast']);
    await a.discovery.start();
    const { datagrams, random } = createRuntime();
    const socket = await datagrams.open({
      address: '127.0.0.1',
      port: 0,
      shared: false,
      broadcast: false,
      multicastInterface: '127.0.0.1',
      onDatagram() {},
      onError() {},
    });
    const group = { address: '239.192.74.70', port: beaconPort };
    const magic = [0x46, 0x47, 0x54, 0x41];
    socket.send(random.bytes(3), group);
    socket.send(random.bytes(300), group);
    socket.send(random.bytes(2_049), group);
    socket.send(Uint8Array.of(...magic, 9, 0, ...new Array<number>(40).fill(0)), group);
    socket.send(Uint8Array.of(...magic, 1, 0x80, ...new Array<number>(40).fill(0)), group);
    socket.send(Uint8Array.of(...magic, 1, 1, ...new Array<number>(60).fill(0)), group);
    await until(() => Object.keys(a.discovery.status().ignored).filter((one) => one !== 'own').length >= 6);
    socket.close();
    const { own: _own, ...ignored } = a.discovery.status().ignored;
    expect(ignored).toEqual({
      'datagram-too-short': 1,
      magic: 1,
      'datagram-too-long': 1,
      version: 1,
      flags: 1,
      sealed: 1,
    });
    expect([a.beacons, a.candidates, a.answers]).toEqual([[], [], []]);
  });
});
