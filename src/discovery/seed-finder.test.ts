import { describe, expect, it } from 'vitest';
import { type DiscoveryObserver, observeDiscovery } from '../../test/testing/discovery-observer.ts';
import type { HostPort } from '../protocol/socket-address.ts';
import { createWorld, type World } from '../testing/world.ts';

const methods = new Set(['seed'] as const);

async function seek(
  world: World,
  seeds: readonly HostPort[],
  scope: 'open' | 'loopback' = 'open',
): Promise<DiscoveryObserver> {
  const { runtime } = world.host('seeker').start();
  const observer = await world.complete(observeDiscovery({ runtime, name: 'seeker', seeds, methods, scope }));
  await world.complete(observer.discovery.start());
  return observer;
}

function triedAt(observer: DiscoveryObserver, address: string): number[] {
  return observer.candidates
    .filter((one) => one.address.address === address)
    .map((one) => Math.round(one.provenance.at / 1_000));
}

describe('seeds', () => {
  it('are tried every two seconds while nobody is known', async () => {
    const world = createWorld();
    const observer = await seek(world, [{ host: '10.1.0.77', port: 7472 }]);
    await world.run(60_000);
    const times = observer.candidates.map((one) => one.provenance.at);
    const pauses = times.slice(1).map((at, i) => at - (times[i] ?? 0));
    expect(Math.max(...pauses)).toBeLessThanOrEqual(2_400);
    expect(Math.min(...pauses.slice(1))).toBeGreaterThanOrEqual(1_600);
  });

  it('are tried at once, all in parallel, and again with growing pauses', async () => {
    const world = createWorld();
    const observer = await seek(world, [
      { host: '10.1.0.77', port: 7472 },
      { host: 'fd00::77', port: 7480 },
    ]);
    observer.discovery.setSeeking(false);
    await world.runFor(0);
    expect(observer.candidates.map(({ address, beacon, provenance }) => [address, beacon, provenance.method])).toEqual([
      [{ address: '10.1.0.77', port: 7472 }, undefined, 'seed'],
      [{ address: 'fd00::77', port: 7480 }, undefined, 'seed'],
    ]);
    await world.run(120_000);
    const times = triedAt(observer, '10.1.0.77');
    expect(times.slice(0, 3)).toEqual([0, 1, 3]);
    expect(times[3]).toBeGreaterThanOrEqual(6);
    expect(times.length).toBeGreaterThanOrEqual(7);
    expect(times.length).toBeLessThanOrEqual(10);
  });

  it('are left alone while a member is alive there, and tried soon after it is gone', async () => {
    const world = createWorld();
    const observer = await seek(world, [{ host: '10.1.0.77', port: 7472 }]);
    observer.reached.add('10.1.0.77:7472');
    await world.runFor(60_000);
    expect(observer.candidates).toHaveLength(1);
    expect(observer.discovery.status().seeds[0]).toMatchObject({ reached: 1, state: 'working', tried: 1 });
    observer.reached.clear();
    await world.runFor(1_100);
    expect(observer.candidates).toHaveLength(2);
  });

  it('may be names, which are looked up again until they resolve', async () => {
    const world = createWorld();
    const observer = await seek(world, [
      { host: 'db.example', port: 7472 },
      { host: '10.1.0.9', port: 7472 },
    ]);
    await world.runFor(5_000);
    expect(observer.discovery.status().seeds[0]).toMatchObject({
      state: 'failing',
      lastError: 'ENOTFOUND',
      addresses: [],
    });
    expect(triedAt(observer, '10.1.0.9').length).toBeGreaterThan(1);
    world.setName('db.example', ['10.1.0.5', 'fd00::5']);
    observer.discovery.resolveSeedsNow();
    await world.runFor(10);
    expect(triedAt(observer, '10.1.0.5')).toEqual([5]);
    expect(triedAt(observer, 'fd00::5')).toEqual([5]);
    world.setName('db.example', undefined);
    await world.runFor(30_000);
    // The name service forgot it; this node did not.
    expect(triedAt(observer, '10.1.0.5').length).toBeGreaterThan(3);
  });

  it('[Z5] may be the name of a zone that lists the nodes in SRV records, each with its own port', async () => {
    const world = createWorld();
    world.setName('one.example', ['10.1.0.5']);
    world.setName('two.example', ['10.1.0.6', 'fd00::6']);
    const locations = [
      { host: 'one.example', port: 7480 },
      { host: 'gone.example', port: 7480 },
      { host: 'two.example', port: 7490 },
    ];
    world.setService('_fogata._udp.site.example', locations);
    world.setService('_mesh._udp.site.example', locations.slice(0, 1));
    const observer = await seek(world, [
      { host: 'site.example', port: 7472 },
      { host: '_mesh._udp.site.example', port: 7472 },
      { host: 'empty.example', port: 7472 },
    ]);
    await world.runFor(10);
    const [zone, service, empty] = observer.discovery.status().seeds;
    expect(zone).toMatchObject({ state: 'working', addresses: ['10.1.0.5:7480', '10.1.0.6:7490', '[fd00::6]:7490'] });
    expect(service).toMatchObject({ state: 'working', addresses: ['10.1.0.5:7480'] });
    expect(empty).toMatchObject({ state: 'failing', lastError: 'ENOTFOUND' });
    expect(observer.candidates.map(({ provenance }) => `${provenance.method} ${provenance.via}`)).toContain(
      'dns site.example:7472',
    );
    // The zone is looked up again, and what has come is found.
    world.setService('_fogata._udp.site.example', [...locations, { host: '10.1.0.7', port: 7472 }]);
    await world.runFor(5_000);
    expect(triedAt(observer, '10.1.0.7').length).toBeGreaterThan(0);
  });

  it('[P4] outside the host are not used in scope loopback', async () => {
    const world = createWorld();
    const observer = await seek(
      world,
      [
        { host: '10.1.0.77', port: 7472 },
        { host: '127.0.0.1', port: 7473 },
      ],
      'loopback',
    );
    await world.runFor(5_000);
    expect(new Set(observer.candidates.map((one) => one.address.address))).toEqual(new Set(['127.0.0.1']));
    expect(observer.discovery.status().seeds[0]?.lastError).toBe('not a loopback address');
  });
});
