import { describe, expect, it } from 'vitest';
import { type ObservedStream, observeListener, observeStream } from '../../test/testing/stream-observer.ts';
import type { VirtualHost, VirtualProcess } from './virtual-host.ts';
import { createWorld, type World, type WorldOptions } from './world.ts';

const port = 7472;
const where = { address: '10.1.0.2', port };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

interface Pair {
  readonly world: World;
  readonly hosts: readonly [VirtualHost, VirtualHost];
  readonly client: VirtualProcess;
  readonly server: VirtualProcess;
  readonly accepted: ObservedStream[];
  readonly dial: () => ObservedStream;
}

async function pair(options: WorldOptions = {}): Promise<Pair> {
  const world = createWorld(options);
  const hosts = [world.host('one'), world.host('two')] as const;
  const [client, server] = [hosts[0].start(), hosts[1].start()];
  const accepted = await world.complete(observeListener(server, { address: '0.0.0.0', port }));
  return { world, hosts, client, server, accepted, dial: () => observeStream(client.runtime.streams.connect(where)) };
}

async function connected(options: WorldOptions = {}): Promise<Pair & { a: ObservedStream; b: ObservedStream }> {
  const made = await pair(options);
  const a = made.dial();
  await made.world.runUntil(() => made.accepted.length > 0);
  return { ...made, a, b: made.accepted[0]! };
}

describe('virtual streams', () => {
  it('connect, carry bytes both ways, end by halves and close in order', async () => {
    const { world, accepted, dial } = await pair();
    const a = dial();
    a.stream.write(bytes('question'));
    a.stream.end();
    expect(a.stream.write(bytes('late'))).toBe(true);
    expect(a.stream.queuedBytes).toBe(8);
    await world.runFor(10);
    const b = accepted[0]!;
    expect(b.told).toEqual(['data', 'end']);
    b.stream.write(bytes('answer'));
    b.stream.end();
    await world.runFor(10);
    expect([b.text(), a.text()]).toEqual(['question', 'answer']);
    expect(a.told).toEqual(['connect', 'data', 'end', 'close']);
    expect(b.told).toEqual(['data', 'end', 'close']);
    expect(b.stream.remote).toMatchObject({ address: '10.1.0.1' });
    b.stream.destroy();
    await world.runFor(10);
    expect(b.told).toHaveLength(3);
  });

  it('keep their order under jitter and loss', async () => {
    const { world, a, b } = await connected();
    world.lan.setConditions({ jitterMs: 20, loss: 0.2 });
    let sent = '';
    for (let count = 0; count < 300; count++) {
      sent += `${count} `;
      world.at(world.nowMs + count, () => a.stream.write(bytes(`${count} `)));
    }
    await world.runFor(60_000);
    expect(b.text()).toBe(sent);
  });

  it('give bytes only for the time of the call', async () => {
    const { world, accepted, client, server } = await pair();
    let kept: Uint8Array | undefined;
    await server.runtime.streams.listen({ address: '0.0.0.0', port: 9 }, (stream) => {
      stream.start({
        onConnect() {},
        onData: (given) => {
          kept = given;
        },
        onDrain() {},
        onEnd() {},
        onClose() {},
      });
    });
    observeStream(client.runtime.streams.connect({ ...where, port: 9 })).stream.write(bytes('abc'));
    await world.runFor(10);
    expect(kept).toEqual(Uint8Array.of(0xdb, 0xdb, 0xdb));
    expect(accepted).toEqual([]);
  });

  it('push back while the reader has paused, then drain', async () => {
    const { world, a, b } = await connected();
    b.stream.pause();
    const chunk = new Uint8Array(100_000);
    let written = 0;
    do written += chunk.length;
    while (a.stream.write(chunk));
    await world.runFor(1_000);
    expect(written).toBe(600_000);
    expect(a.stream.queuedBytes).toBe(written - 262_144);
    expect([b.receivedBytes(), a.told]).toEqual([0, ['connect']]);
    b.stream.resume();
    await world.runFor(1_000);
    expect([b.receivedBytes(), a.told, a.stream.queuedBytes]).toEqual([written, ['connect', 'drain'], 0]);
  });

  it('destroy resets the other end', async () => {
    const { world, a, b } = await connected();
    a.stream.write(bytes('x'));
    a.stream.destroy();
    await world.runFor(10);
    expect(a.told).toEqual(['connect', 'close ECONNABORTED']);
    expect(b.told).toEqual(['data', 'close ECONNRESET']);
  });
});

describe('a virtual dial', () => {
  it('fails as the system says', async () => {
    const { world, client, server } = await pair();
    const to = (address: string, onPort = port) =>
      observeStream(client.runtime.streams.connect({ address, port: onPort }));
    const refused = to('10.1.0.2', 1);
    const nobody = to('10.1.0.77');
    const nowhere = to('10.77.0.1');
    const badPort = to('10.1.0.2', 65_536);
    const noFile = observeStream(client.runtime.streams.connect({ path: '/run/none' }));
    expect(nowhere.told).toEqual([]);
    await world.runFor(10);
    expect(refused.told).toEqual(['close ECONNREFUSED']);
    expect(nowhere.told).toEqual(['close ENETUNREACH']);
    expect(badPort.told).toEqual(['close ERR_SOCKET_BAD_PORT']);
    expect(noFile.told).toEqual(['close ENOENT']);
    await world.runFor(3_000);
    expect(nobody.told).toEqual(['close EHOSTUNREACH']);
    const again = server.runtime.streams.listen(where, () => undefined);
    await expect(again).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('into a cut times out after a minute, or succeeds when it heals', async () => {
    const { world, hosts, dial, accepted } = await pair();
    const cut = world.partition([hosts[0]], [hosts[1]]);
    const lost = dial();
    await world.runFor(59_000);
    expect(lost.told).toEqual([]);
    await world.runFor(2_000);
    expect(lost.told).toEqual(['close ETIMEDOUT']);
    const patient = dial();
    await world.runFor(5_000);
    cut.heal();
    await world.runFor(5_000);
    expect(patient.told).toEqual(['connect']);
    expect(accepted).toHaveLength(1);
  });

  it('fails through a one-way cut in either direction', async () => {
    const { world, hosts, dial, accepted } = await pair();
    for (const [from, to] of [hosts, [hosts[1], hosts[0]]] as const) {
      const cut = world.partition([from], [to], { oneWay: true });
      const lost = dial();
      await world.runFor(61_000);
      expect(lost.told).toEqual(['close ETIMEDOUT']);
      cut.heal();
    }
    expect(accepted).toEqual([]);
  });

  it('given up by its owner closes once', async () => {
    const { world, dial, accepted } = await pair();
    const dropped = dial();
    dropped.stream.destroy();
    await world.runFor(100_000);
    expect(dropped.told).toEqual(['close ECONNABORTED']);
    expect(accepted).toEqual([]);
  });
});

describe('a virtual partition', () => {
  it('holds the bytes of streams back until it heals', async () => {
    const { world, hosts, a, b } = await connected();
    const cut = world.partition([hosts[0]], [hosts[1]]);
    a.stream.write(bytes('one '));
    a.stream.write(bytes('two '));
    await world.runFor(10_000);
    expect(b.told).toEqual([]);
    cut.heal();
    a.stream.write(bytes('three'));
    await world.runFor(20_000);
    expect(b.text()).toBe('one two three');
    expect(a.told).toEqual(['connect']);
  });

  it('one way lets the other way through, until the window is full', async () => {
    const { world, hosts, a, b } = await connected();
    const cut = world.partition([hosts[1]], [hosts[0]], { oneWay: true });
    a.stream.write(new Uint8Array(1_000_000));
    b.stream.write(bytes('unheard'));
    await world.runFor(10_000);
    expect([b.receivedBytes(), a.receivedBytes()]).toEqual([262_144, 0]);
    cut.heal();
    await world.runFor(30_000);
    expect([b.receivedBytes(), a.text()]).toEqual([1_000_000, 'unheard']);
  });

  it('of a quarter of an hour breaks who tries to write', async () => {
    const { world, hosts, a, b } = await connected();
    world.partition([hosts[0]], [hosts[1]]);
    a.stream.write(bytes('lost'));
    await world.runFor(900_000);
    expect(a.told).toEqual(['connect']);
    await world.runFor(200_000);
    expect(a.told).toEqual(['connect', 'close ETIMEDOUT']);
    expect(b.told).toEqual([]);
  });
});

describe('the kernel of a process', () => {
  it('ends its streams at once when it is killed', async () => {
    const { world, server, a, b } = await connected();
    server.kill();
    await world.runFor(1);
    expect(a.told).toEqual(['connect', 'end']);
    a.stream.write(bytes('anybody?'));
    await world.runFor(1);
    expect(a.told).toEqual(['connect', 'end', 'close ECONNRESET']);
    expect(b.told).toEqual([]);
  });

  it('resets them when bytes were left unread', async () => {
    const { world, server, a, b } = await connected();
    b.stream.pause();
    a.stream.write(bytes('unread'));
    await world.runFor(1);
    server.kill();
    await world.runFor(1);
    expect(a.told).toEqual(['connect', 'close ECONNRESET']);
  });

  it('says nothing when the power goes, and resets what it does not know after', async () => {
    const { world, hosts, a, dial } = await connected();
    hosts[1].powerOff();
    a.stream.write(bytes('hello?'));
    await world.runFor(10_000);
    expect(a.told).toEqual(['connect']);
    hosts[1].powerOn();
    const refused = dial();
    await world.runFor(15_000);
    expect(a.told).toEqual(['connect', 'close ECONNRESET']);
    expect(refused.told).toEqual(['close ECONNREFUSED']);
  });

  it('accepts and keeps bytes for a frozen one', async () => {
    const { world, server, dial, accepted, a, b } = await connected();
    server.freeze();
    const late = dial();
    late.stream.write(bytes('late'));
    a.stream.write(new Uint8Array(1_000_000));
    await world.runFor(10_000);
    expect(late.told).toEqual(['connect']);
    expect([accepted.length, b.receivedBytes()]).toEqual([1, 0]);
    expect(a.stream.queuedBytes).toBe(1_000_000 - 262_144);
    server.thaw();
    await world.runFor(1_000);
    expect([accepted[1]?.text(), b.receivedBytes()]).toEqual(['late', 1_000_000]);
  });

  it('closes what a frozen one has not taken when that is killed', async () => {
    const { world, server, dial } = await pair();
    server.freeze();
    const a = dial();
    const b = dial();
    a.stream.write(bytes('x'));
    await world.runFor(10);
    server.kill();
    await world.runFor(10);
    expect(a.told).toEqual(['connect', 'close ECONNRESET']);
    expect(b.told).toEqual(['connect', 'end']);
  });
});

describe('a virtual Unix socket', () => {
  const path = '/run/fogata.sock';

  it('joins the processes of one host only', async () => {
    const { world, hosts, client } = await pair();
    const accepted = await observeListener(client, { path });
    const near = observeStream(hosts[0].start('near').runtime.streams.connect({ path }));
    const far = observeStream(hosts[1].start('far').runtime.streams.connect({ path }));
    near.stream.write(bytes('hello'));
    await world.runFor(1);
    expect(accepted[0]?.text()).toBe('hello');
    expect(accepted[0]?.stream.remote).toEqual({ path });
    expect(far.told).toEqual(['close ENOENT']);
    near.stream.destroy();
    await world.runFor(1);
    expect(accepted[0]?.told).toEqual(['data', 'end']);
  });

  it('is replaced when stale, not when alive', async () => {
    const { world, hosts, client } = await pair();
    await observeListener(client, { path });
    const other = hosts[0].start('other');
    await expect(observeListener(other, { path })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    client.kill();
    const dialled = observeStream(other.runtime.streams.connect({ path }));
    await world.runFor(1);
    expect(dialled.told).toEqual(['close ECONNREFUSED']);
    const accepted = await observeListener(other, { path });
    observeStream(other.runtime.streams.connect({ path }));
    await world.runFor(1);
    expect(accepted).toHaveLength(1);
  });
});
