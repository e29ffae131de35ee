import { describe, expect, it } from 'vitest';
import type { DatagramOptions } from '../runtime/datagrams.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { createWorld } from '../testing/world.ts';
import { openNodePort } from './node-port.ts';

const events = { onDatagram() {}, onStream() {} };

function bed() {
  const world = createWorld();
  const host = world.host('h');
  return { world, host, runtime: host.start().runtime };
}

const failing = (runtime: Runtime, family: string, code: string): Runtime => ({
  ...runtime,
  datagrams: {
    open: (options: DatagramOptions) =>
      options.address.includes(family)
        ? Promise.reject(Object.assign(new Error(code), { code }))
        : runtime.datagrams.open(options),
  },
});

describe('[P2] the node port', () => {
  it('is the first number that is free for both UDP and TCP', async () => {
    const { world, host, runtime } = bed();
    const other = host.start('other').runtime;
    await world.complete(other.streams.listen({ address: '127.0.0.1', port: 7472 }, () => undefined));
    const udp = { address: '127.0.0.1', port: 7473, shared: false, broadcast: false, multicastInterface: undefined };
    await world.complete(other.datagrams.open({ ...udp, onDatagram() {}, onError() {} }));
    const port = await world.complete(openNodePort(runtime, 'loopback', 7472, events));
    expect([port.port, port.local]).toEqual([7474, { address: '127.0.0.1', port: 7474 }]);
    // What was tried and left is free again.
    await world.complete(other.datagrams.open({ ...udp, port: 7472, onDatagram() {}, onError() {} }));
    await world.complete(other.streams.listen({ address: '127.0.0.1', port: 7473 }, () => undefined));
  });

  it('100 are tried, then it is `address-in-use`', async () => {
    const { world, host, runtime } = bed();
    const other = host.start('other').runtime;
    for (let port = 7_000; port < 7_100; port++) {
      await world.complete(other.streams.listen({ address: '127.0.0.1', port }, () => undefined));
    }
    await expect(world.complete(openNodePort(runtime, 'loopback', 7_000, events))).rejects.toMatchObject({
      code: 'address-in-use',
    });
    const port = await world.complete(openNodePort(runtime, 'loopback', 7_001, events));
    expect(port.port).toBe(7_100);
  });

  it('ends at 65,535', async () => {
    const { world, host, runtime } = bed();
    const other = host.start('other').runtime;
    await world.complete(other.streams.listen({ address: '127.0.0.1', port: 65_535 }, () => undefined));
    await expect(world.complete(openNodePort(runtime, 'loopback', 65_535, events))).rejects.toThrow(
      'from 65535 to 65535',
    );
  });

  it('a family of which only TCP could be had is left whole', async () => {
    const { world, host, runtime } = bed();
    const port = await world.complete(openNodePort(failing(runtime, '.', 'EACCES'), 'loopback', 7472, events));
    expect(port.local.address).toBe('::1');
    const other = host.start('other').runtime;
    await world.complete(other.streams.listen({ address: '127.0.0.1', port: 7472 }, () => undefined));
    await expect(
      world.complete(openNodePort(failing(runtime, '', 'EACCES'), 'loopback', 8_000, events)),
    ).rejects.toThrow('EACCES');
  });

  it('on the LAN is one number for both families and transports, or another', async () => {
    const { world, host, runtime } = bed();
    const other = host.start('other').runtime;
    await world.complete(other.streams.listen({ address: '::', port: 7472 }, () => undefined));
    const udp = { address: '::', port: 7473, shared: false, broadcast: false, multicastInterface: undefined };
    await world.complete(other.datagrams.open({ ...udp, onDatagram() {}, onError() {} }));
    const port = await world.complete(openNodePort(runtime, 'open', 7472, events));
    expect([port.port, port.local]).toEqual([7474, { address: '0.0.0.0', port: 7474 }]);
    for (const address of ['0.0.0.0', '::']) {
      await expect(
        world.complete(other.streams.listen({ address, port: 7474 }, () => undefined)),
      ).rejects.toMatchObject({ code: 'EADDRINUSE' });
      await world.complete(other.streams.listen({ address, port: 7473 }, () => undefined));
    }
  });

  it('on the LAN is there by one family where the host has no other', async () => {
    const { world, runtime } = bed();
    const port = await world.complete(openNodePort(failing(runtime, ':', 'EAFNOSUPPORT'), 'open', 7472, events));
    expect(port.local).toEqual({ address: '0.0.0.0', port: 7472 });
    await expect(
      world.complete(openNodePort(failing(runtime, '', 'EAFNOSUPPORT'), 'open', 8_000, events)),
    ).rejects.toThrow('EAFNOSUPPORT');
  });

  it('closed twice, and sent by after that, is silent', async () => {
    const { world, runtime } = bed();
    const port = await world.complete(openNodePort(runtime, 'loopback', 7472, events));
    port.close();
    port.close();
    port.send(new Uint8Array(1), { address: '127.0.0.1', port: 1 });
    const again = await world.complete(openNodePort(runtime, 'loopback', 7472, events));
    expect(again.port).toBe(7472);
  });
});
