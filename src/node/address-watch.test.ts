import { describe, expect, it } from 'vitest';
import type { Member } from '../membership/member.ts';
import type { SocketAddress } from '../protocol/socket-address.ts';
import type { NetworkInterface } from '../runtime/interfaces.ts';
import { silentLog } from '../runtime/log.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { createWorld } from '../testing/world.ts';
import { createAddressWatch } from './address-watch.ts';
import type { AdvertisedAddress } from './node-options.ts';

const eth0: NetworkInterface = {
  name: 'eth0',
  address: '192.0.2.1',
  family: 'ipv4',
  prefixLength: 24,
  internal: false,
};
const lo: NetworkInterface = { ...eth0, name: 'lo', address: '127.0.0.1', prefixLength: 8, internal: true };
const at = (address: string, port = 7472): SocketAddress => ({ address, port });
const reachedAt = (address: string) => ({ reachedAt: at(address) }) as Member;

function bed(advertise: readonly AdvertisedAddress[] = []) {
  const world = createWorld();
  const host = { interfaces: [lo, eth0], names: new Map<string, string[]>(), warnings: 0, lookUps: 0 };
  const base = world.host('x').start('main').runtime;
  const runtime: Runtime = {
    ...base,
    interfaces: { list: () => host.interfaces },
    log: { ...silentLog, warn: () => void (host.warnings += 1) },
    resolver: {
      ...base.resolver,
      async resolve(name) {
        host.lookUps += 1;
        const found = host.names.get(name);
        if (found === undefined) throw new Error('no such name');
        return found;
      },
    },
  };
  const watch = createAddressWatch(runtime, 'open', 7472, advertise);
  const told: (readonly SocketAddress[])[] = [];
  return { world, host, watch, told, start: () => watch.start((addresses) => void told.push(addresses)) };
}

describe('the addresses of this host', () => {
  it('are known at once, and told when they change, within a second', async () => {
    const { world, host, watch, told, start } = bed();
    expect(watch.addresses).toEqual([at('192.0.2.1')]);
    start();
    await world.runFor(5_000);
    expect(told).toEqual([]);
    host.interfaces = [lo, { ...eth0, address: '192.0.2.9' }];
    await world.runFor(1_000);
    expect(told).toEqual([[at('192.0.2.9')]]);
    host.interfaces = [lo];
    await world.runFor(1_000);
    expect(told.at(-1)).toEqual([]);
    watch.stop();
    host.interfaces = [lo, eth0];
    await world.runFor(5_000);
    expect(told).toHaveLength(2);
  });

  it('tell who is on this host, and what is this node itself', () => {
    const { watch } = bed([{ host: '203.0.113.7', port: 9_000 }]);
    expect(watch.isSameHost(reachedAt('192.0.2.1'))).toBe(true);
    expect(watch.isSameHost(reachedAt('127.0.0.1'))).toBe(true);
    expect(watch.isSameHost(reachedAt('192.0.2.2'))).toBe(false);
    expect(watch.isOwn(at('192.0.2.1'))).toBe(true);
    expect(watch.isOwn(at('192.0.2.1', 7473))).toBe(false);
    expect(watch.isOwn(at('203.0.113.7', 9_000))).toBe(true);
    expect(watch.bestOf([at('198.51.100.1'), at('192.0.2.77')])).toEqual(at('192.0.2.77'));
  });

  it('that are advertised by name are looked up at the start and every 30 s, and kept when that fails', async () => {
    const { world, host, watch, told, start } = bed([{ host: 'n.example', port: undefined }]);
    host.names.set('n.example', ['203.0.113.1']);
    start();
    await world.runFor(1_500);
    expect(told).toEqual([[at('203.0.113.1'), at('192.0.2.1')]]);
    host.names.clear();
    await world.runFor(35_000);
    expect([host.lookUps, host.warnings]).toEqual([2, 0]);
    expect(watch.addresses[0]).toEqual(at('203.0.113.1'));
    host.names.set('n.example', ['203.0.113.2']);
    await world.runFor(30_000);
    expect(watch.addresses).toEqual([at('203.0.113.2'), at('192.0.2.1')]);
  });

  it('that are told in another order each time are the same', async () => {
    const { world, host, told, start } = bed([{ host: 'n.example', port: undefined }]);
    host.names.set('n.example', ['203.0.113.1', '203.0.113.2']);
    start();
    await world.runFor(1_500);
    host.names.set('n.example', ['203.0.113.2', '203.0.113.1']);
    await world.runFor(60_000);
    expect([host.lookUps, told.length]).toEqual([3, 1]);
  });

  it('that never could be looked up are warned of', async () => {
    const { world, host, watch, start } = bed([{ host: 'nobody.example', port: undefined }]);
    start();
    await world.runFor(2_000);
    expect(host.warnings).toBe(1);
    expect(watch.addresses).toEqual([at('192.0.2.1')]);
  });
});
