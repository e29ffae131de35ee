import { describe, expect, it } from 'vitest';
import { observeSocket } from '../../test/testing/datagram-observer.ts';
import { observeListener, observeStream } from '../../test/testing/stream-observer.ts';
import type { VirtualProcess } from './virtual-host.ts';
import { createWorld, type World } from './world.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Hosts that gossip at random times over a bad network, dial each other, store things, crash and come back. */
async function chaos(seed: number, onTrace?: (line: string) => void): Promise<World> {
  const world = createWorld({ seed, ...(onTrace === undefined ? {} : { onTrace }) });
  world.lan.setConditions({ loss: 0.1, duplicate: 0.05, reorder: 0.1, jitterMs: 3 });
  const run = async (process: VirtualProcess): Promise<void> => {
    const { clock, random, storage, streams } = process.runtime;
    const socket = await observeSocket(process, { port: 7470 });
    await observeListener(process, { address: '0.0.0.0', port: 7472 });
    const tick = (): void => {
      const target = `10.1.0.${1 + Math.floor(random.next() * 6)}`;
      socket.socket.send(random.bytes(40), { address: target, port: 7470 });
      void storage.write('peers', random.bytes(10)).then(async () => {
        await Promise.resolve();
        const stream = observeStream(streams.connect({ address: target, port: 7472 }));
        stream.stream.write(random.bytes(100));
        stream.stream.end();
      });
      clock.schedule(random.next() * 100, tick);
    };
    tick();
  };
  for (let index = 0; index < 6; index++) void run(world.host(`h${index}`).start());
  const [first, second, third] = world.hosts;
  world.at(500, () => world.partition([first!], [second!, third!], { oneWay: true }));
  world.at(700, () => third!.processes[0]!.freeze());
  world.at(900, () => third!.processes[0]!.thaw());
  world.at(1_000, () => second!.powerOff());
  world.at(1_200, () => {
    second!.powerOn();
    void run(second!.start());
    world.healAll();
  });
  await world.run(2_000);
  return world;
}

describe('a world', () => {
  it('goes the same way for the same seed, another for another', async () => {
    const [first, again, other] = [await chaos(1), await chaos(1), await chaos(2)];
    expect(first.eventCount).toBeGreaterThan(1_000);
    expect([again.digest(), again.eventCount]).toEqual([first.digest(), first.eventCount]);
    expect(other.digest()).not.toBe(first.digest());
  });

  it('goes the same way when it is watched, and when it is run in pieces', async () => {
    const lines: string[] = [];
    const watched = await chaos(3, (line) => lines.push(line));
    const again: string[] = [];
    expect((await chaos(3, (line) => again.push(line))).digest()).toBe(watched.digest());
    expect(again).toEqual(lines);
    expect(lines.some((line) => line.includes(' stream-open h'))).toBe(true);

    const whole = createWorld();
    const pieces = createWorld();
    for (const world of [whole, pieces]) {
      const { clock, random } = world.host('a').start().runtime;
      const tick = (): void => void clock.schedule(random.next() * 10, tick);
      tick();
    }
    await whole.run(1_000);
    for (let time = 0; time <= 1_000; time += 7) await pieces.run(time);
    await pieces.run(1_000);
    expect(pieces.digest()).toBe(whole.digest());
  });

  it('runs all that an event leaves behind before the next event', async () => {
    const world = createWorld();
    const { clock } = world.host('a').start().runtime;
    const seen: string[] = [];
    async function chain(name: string): Promise<void> {
      for (let depth = 0; depth < 20; depth++) await Promise.resolve();
      seen.push(`${name} at ${clock.now()}`);
    }
    clock.schedule(5, () => void chain('first'));
    clock.schedule(5, () => {
      seen.push('second');
      queueMicrotask(() => seen.push('its microtask'));
    });
    await world.run(10);
    expect(seen).toEqual(['first at 5', 'second', 'its microtask']);
  });

  it('stops where a condition holds or a promise is settled', async () => {
    const world = createWorld();
    const { clock } = world.host('a').start().runtime;
    let count = 0;
    const tick = (): void => {
      count += 1;
      clock.schedule(10, tick);
    };
    tick();
    expect(await world.runUntil(() => count === 5)).toBe(true);
    expect(world.nowMs).toBe(40);
    expect(await world.runUntil(() => false, 100)).toBe(false);
    expect(world.nowMs).toBe(140);
    const later = new Promise<string>((resolve) => clock.schedule(25, () => resolve('done')));
    expect(await world.complete(later)).toBe('done');
    expect(world.nowMs).toBe(165);
    await expect(world.complete(new Promise(() => undefined), 10)).rejects.toThrow('not settled within 10 ms');
    await expect(world.complete(Promise.reject(new Error('own')))).rejects.toThrow('own');
  });

  it('gives the caller what a callback threw, and can go on', async () => {
    const world = createWorld();
    const { clock } = world.host('a').start().runtime;
    clock.schedule(5, () => {
      throw new Error('bug');
    });
    let later = false;
    clock.schedule(6, () => {
      later = true;
    });
    await expect(world.run(10)).rejects.toThrow('bug');
    expect([world.nowMs, later]).toEqual([5, false]);
    await world.run(10);
    expect(later).toBe(true);
  });

  it('runs once at a time', async () => {
    const world = createWorld();
    const run = world.run(10);
    await expect(world.run(20)).rejects.toThrow('already');
    await run;
  });

  it('knows hosts by name', async () => {
    const world = createWorld();
    const spare = world.segment('spare');
    const { resolver } = world.host('a', { segments: [world.lan, spare] }).start().runtime;
    world.setName('Seeds.example', ['10.1.0.1', '10.1.0.2']);
    expect(await world.complete(resolver.resolve('a'))).toEqual(['10.1.0.1', '10.2.0.1']);
    expect(await world.complete(resolver.resolve('seeds.example'))).toEqual(['10.1.0.1', '10.1.0.2']);
    expect(await resolver.resolve('fe80::1%eth0')).toEqual(['fe80::1%eth0']);
    await expect(world.complete(resolver.resolve('b'))).rejects.toMatchObject({ code: 'ENOTFOUND' });
    expect(() => world.host('a')).toThrow('already');
    expect(() => world.host('A!')).toThrow(TypeError);
    expect(() => world.lan.setConditions({ loss: 2 })).toThrow(RangeError);
  });
});

describe('a virtual process', () => {
  it('sees a wall clock that jumps and a clock that does not', async () => {
    const world = createWorld();
    const host = world.host('a');
    const { clock, hostLoad } = host.start().runtime;
    const before = clock.wallTime();
    await world.run(1_000);
    host.setWallOffset(-3_600_000);
    expect([clock.now(), clock.wallTime() - before]).toEqual([1_000, 1_000 - 3_600_000]);
    host.setLoad(0.5);
    expect(hostLoad.sample()).toBe(0.5);
  });

  it('has timers that can be cancelled and that die with it', async () => {
    const world = createWorld();
    const process = world.host('a').start();
    const { clock, storage } = process.runtime;
    const seen: string[] = [];
    clock.schedule(5, () => seen.push('cancelled')).cancel();
    clock.schedule(6, () => seen.push('happens'));
    clock.schedule(20, () => seen.push('dead'));
    world.at(10, () => process.kill());
    await world.run(30);
    clock.schedule(1, () => seen.push('undead'));
    void storage.read('x').then(() => seen.push('undead'));
    await world.run(60);
    expect(seen).toEqual(['happens']);
    expect(process.alive).toBe(false);
    expect(() => clock.schedule(-1, () => undefined)).toThrow(RangeError);
  });

  it('frozen does nothing; thawed it does all at once, late, in order', async () => {
    const world = createWorld();
    const process = world.host('a').start();
    const { clock } = process.runtime;
    const seen: string[] = [];
    const timer = clock.schedule(40, () => seen.push('never'));
    clock.schedule(30, () => {
      seen.push(`30 at ${clock.now()}`);
      timer.cancel();
    });
    clock.schedule(20, () => seen.push(`20 at ${clock.now()}`));
    clock.schedule(200, () => seen.push(`200 at ${clock.now()}`));
    world.at(10, () => process.freeze());
    world.at(100, () => process.thaw());
    await world.run(300);
    expect(seen).toEqual(['20 at 100', '30 at 100', '200 at 200']);
  });

  it('draws other numbers in its next incarnation', () => {
    const world = createWorld();
    const host = world.host('a');
    const draw = (): string => host.start().runtime.random.bytes(8).join();
    const other = createWorld().host('a').start().runtime.random.bytes(8).join();
    const first = draw();
    expect(draw()).not.toBe(first);
    expect(other).toBe(first);
  });
});

describe('a virtual disk', () => {
  it('keeps what was confirmed, through kill and power cut, and nothing else', async () => {
    const world = createWorld();
    const host = world.host('a');
    const first = host.start();
    await world.complete(first.runtime.storage.write('id', bytes('one')));
    let confirmed = false;
    void first.runtime.storage.write('id', bytes('two')).then(() => {
      confirmed = true;
    });
    host.powerOff();
    expect(() => host.start()).toThrow('no power');
    expect(host.processes).toEqual([]);
    await world.runFor(100);
    host.powerOn();
    const { storage } = host.start().runtime;
    expect(await world.complete(storage.read('id'))).toEqual(bytes('one'));
    expect(confirmed).toBe(false);
    await world.complete(storage.delete('id'));
    expect(await world.complete(storage.read('id'))).toBeUndefined();
    expect(await world.complete(host.start('other').runtime.storage.read('id'))).toBeUndefined();
  });

  it('fails when told to', async () => {
    const world = createWorld();
    const host = world.host('a');
    const { storage } = host.start().runtime;
    await world.complete(storage.write('id', bytes('one')));
    host.disk.failWith('ENOSPC');
    await expect(world.complete(storage.write('id', bytes('two')))).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(await world.complete(storage.read('id'))).toEqual(bytes('one'));
    host.disk.failWith('EIO');
    await expect(world.complete(storage.read('id'))).rejects.toMatchObject({ code: 'EIO' });
    host.disk.failWith(undefined);
    await world.complete(storage.write('id', bytes('two')));
    await expect(storage.read('../id')).rejects.toThrow(TypeError);
  });
});
