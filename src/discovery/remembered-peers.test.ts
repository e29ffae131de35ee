import { describe, expect, it } from 'vitest';
import { type DiscoveryObserver, observeDiscovery } from '../../test/testing/discovery-observer.ts';
import type { NodeId } from '../protocol/ids.ts';
import { type Log, silentLog } from '../runtime/log.ts';
import type { VirtualHost } from '../testing/virtual-host.ts';
import { createWorld, type World } from '../testing/world.ts';
import type { RememberedPeer } from './peers-file.ts';

const methods = new Set(['remembered'] as const);

function peer(number: number): RememberedPeer {
  const id = number.toString(16).padStart(16, '0') as NodeId;
  return { id, name: `p${number}`, addresses: [{ address: `10.1.9.${number}`, port: 7472 }] };
}

async function start(world: World, host: VirtualHost, log: Log = silentLog): Promise<DiscoveryObserver> {
  const { runtime } = host.start('main', { log });
  const observer = await world.complete(observeDiscovery({ runtime, name: 'a', methods }));
  await world.complete(observer.discovery.start());
  return observer;
}

function lookedFor(observer: DiscoveryObserver): string[] {
  return [...new Set(observer.candidates.map((one) => `${one.provenance.method} ${one.address.address}`))].sort();
}

describe('remembered peers', () => {
  it('are written at stop and looked for at the next start', async () => {
    const world = createWorld();
    const host = world.host('a');
    const first = await start(world, host);
    first.discovery.remember([peer(1), peer(2)]);
    await world.complete(first.stop());
    host.processes[0]?.kill();
    const second = await start(world, host);
    expect(lookedFor(second)).toEqual(['remembered 10.1.9.1', 'remembered 10.1.9.2']);
    expect(second.discovery.status().remembered).toMatchObject({ peers: 2, state: 'working' });
  });

  it('are written at most every 10 s, so that a crash forgets little', async () => {
    const world = createWorld();
    const host = world.host('a');
    const first = await start(world, host);
    first.discovery.remember([peer(1)]);
    await world.runFor(11_000);
    first.discovery.remember([peer(2)]);
    await world.runFor(1_000);
    host.processes[0]?.kill();
    expect(lookedFor(await start(world, host))).toEqual(['remembered 10.1.9.1']);
  });

  it('who is gone stays remembered behind those who are there', async () => {
    const world = createWorld();
    const host = world.host('a');
    const first = await start(world, host);
    first.discovery.remember([peer(1), peer(2)]);
    first.discovery.remember([]);
    first.discovery.remember([peer(3)]);
    await world.complete(first.stop());
    host.processes[0]?.kill();
    expect(lookedFor(await start(world, host))).toHaveLength(3);
  });

  it('are looked for again while nobody is known, and not while somebody is', async () => {
    const world = createWorld();
    const observer = await start(world, world.host('a'));
    observer.discovery.remember([peer(1)]);
    await world.runFor(10_000);
    const sought = observer.candidates.length;
    expect(sought).toBeGreaterThanOrEqual(2);
    observer.discovery.setSeeking(false);
    await world.runFor(60_000);
    expect(observer.candidates).toHaveLength(sought);
    observer.discovery.setSeeking(true);
    await world.runFor(0);
    expect(observer.candidates).toHaveLength(sought + 1);
  });

  it('garbage in the file is told once, left aside, and replaced', async () => {
    const world = createWorld();
    const host = world.host('a');
    const { storage } = host.start('main').runtime;
    await world.complete(storage.write('peers', new TextEncoder().encode('{"peers": [')));
    host.processes[0]?.kill();
    const warnings: string[] = [];
    const log: Log = { ...silentLog, warn: (message) => warnings.push(message) };
    const observer = await start(world, host, log);
    await world.runFor(60_000);
    expect(warnings).toEqual(['remembered peers cannot be read and are left aside']);
    expect(observer.candidates).toEqual([]);
    observer.discovery.remember([peer(1)]);
    await world.complete(observer.stop());
    host.processes[0]?.kill();
    expect(lookedFor(await start(world, host))).toEqual(['remembered 10.1.9.1']);
  });
});
