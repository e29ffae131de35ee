import { describe, expect, it } from 'vitest';
import { observeSocket } from '../../test/testing/datagram-observer.ts';
import { createWorld, type World } from './world.ts';

const group = '239.192.74.70';
const port = 7470;

function hosts(world: World, count: number) {
  return Array.from({ length: count }, (_, index) => world.host(`h${index + 1}`));
}

async function sockets(world: World, count: number, given: Parameters<typeof observeSocket>[1] = { port }) {
  return Promise.all(
    hosts(world, count).map((host) => observeSocket(host.start(), { multicastInterface: host.address(), ...given })),
  );
}

describe('virtual datagrams', () => {
  it('arrive after the latency, in order, from the right address', async () => {
    const world = createWorld();
    const [a, b] = await sockets(world, 2);
    const buffer = new Uint8Array(1);
    for (let digit = 0; digit < 10; digit++) {
      buffer[0] = 48 + digit;
      a!.socket.send(buffer, { address: '10.1.0.2', port });
    }
    await world.run(0.19);
    expect(b!.heard).toEqual([]);
    await world.run(5);
    expect(b!.heard.map((line) => line[0]).join('')).toBe('0123456789');
    expect(b!.heard[0]).toBe(`0 from 10.1.0.1:${port}`);
    expect(a!.heard).toEqual([]);
  });

  it('are lost, doubled and overtaken about as often as asked', async () => {
    const world = createWorld({ seed: 4 });
    world.lan.setConditions({ loss: 0.2, duplicate: 0.1, reorder: 0.1 });
    const [a, b] = await sockets(world, 2);
    for (let count = 0; count < 5_000; count++) {
      world.at(count / 10, () => a!.say(String(count), '10.1.0.2', port));
    }
    await world.run(1_000);
    const numbers = b!.heard.map((line) => Number.parseInt(line, 10));
    expect(new Set(numbers).size / 5_000).toBeCloseTo(0.8, 1);
    expect(numbers.length / new Set(numbers).size).toBeCloseTo(1.1, 1);
    const overtaken = numbers.filter((number, index) => number < (numbers[index - 1] ?? 0)).length;
    expect(overtaken).toBeGreaterThan(100);
    expect(overtaken).toBeLessThan(1_200);
  });

  it('to a group reach the hosts that joined, all their sockets, and the sender', async () => {
    const world = createWorld();
    const [a, b, c] = await sockets(world, 3);
    const second = await observeSocket(world.hosts[1]!.start('second'), { port });
    a!.socket.joinGroup(group, '10.1.0.1');
    b!.socket.joinGroup(group, '10.1.0.2');
    b!.socket.joinGroup(group, '10.1.0.2');
    a!.say('hello', group, port);
    await world.run(5);
    const heard = [`hello from 10.1.0.1:${port}`];
    expect([a!.heard, b!.heard, second.heard, c!.heard]).toEqual([heard, heard, heard, []]);
    b!.socket.leaveGroup(group, '10.1.0.2');
    a!.say('again', group, port);
    await world.run(10);
    expect(b!.heard).toEqual(heard);
  });

  it('broadcast to the segment; not where multicast does not pass, nor without leave', async () => {
    const world = createWorld();
    const [a, b] = await sockets(world, 2);
    a!.say('subnet', world.lan.broadcastAddress, port);
    a!.say('all', '255.255.255.255', port);
    const cloud = world.segment('cloud', { multicast: false });
    const x = await observeSocket(world.host('x', { segments: [cloud] }).start(), { port });
    const y = await observeSocket(world.host('y', { segments: [cloud] }).start(), { port });
    x.say('cloudy', cloud.broadcastAddress, port);
    const timid = await observeSocket(world.hosts[0]!.start('timid'), { broadcast: false });
    timid.say('x', world.lan.broadcastAddress, port);
    await world.run(5);
    expect(b!.heard.map((line) => line.split(' ')[0])).toEqual(['subnet', 'all']);
    expect(y.heard).toEqual([]);
    expect(timid.errors).toEqual(['EACCES']);
  });

  it('carry the scope of link-local IPv6 addresses', async () => {
    const world = createWorld();
    const given = { address: '::', port, multicastInterface: '::%eth0' };
    const [a, b] = await sockets(world, 2, given);
    b!.socket.joinGroup('ff02::1', '::%eth0');
    a!.say('group', 'ff02::1', port);
    a!.say('one', 'fe80::2%eth0', port);
    await world.run(5);
    expect(b!.heard).toEqual([`group from fe80::1%eth0:${port}`, `one from fe80::1%eth0:${port}`]);
  });

  it('tell what the system refuses', async () => {
    const world = createWorld();
    const [a] = await sockets(world, 1, { port, shared: false });
    const process = world.hosts[0]!.processes[0]!;
    await expect(observeSocket(process, { port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await expect(observeSocket(process, { address: '10.9.9.9' })).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' });
    expect(() => a!.socket.joinGroup(group, '10.9.9.9')).toThrow('ENODEV');
    a!.say('x', '10.77.0.1', port);
    a!.say('x', '10.1.0.9', port);
    a!.socket.send(new Uint8Array(70_000), { address: '10.1.0.9', port });
    const loopback = await observeSocket(process, { address: '127.0.0.1' });
    loopback.say('x', '10.1.0.9', port);
    await world.run(5);
    expect(a!.errors).toEqual(['ENETUNREACH', 'EMSGSIZE']);
    expect(loopback.errors).toEqual(['EINVAL']);
  });

  it('on loopback stay on the host', async () => {
    const world = createWorld();
    const [a, b] = await sockets(world, 2, { port, multicastInterface: '127.0.0.1' });
    const sibling = await observeSocket(world.hosts[0]!.start('sibling'), { port });
    a!.socket.joinGroup(group, '127.0.0.1');
    b!.socket.joinGroup(group, '127.0.0.1');
    a!.say('inside', group, port);
    await world.run(5);
    expect(sibling.heard).toEqual([`inside from 127.0.0.1:${port}`]);
    expect(b!.heard).toEqual([]);
  });

  it('do not cross a partition, and only one way a one-way one', async () => {
    const world = createWorld();
    const [a, b] = await sockets(world, 2);
    const [first, second] = world.hosts;
    const cut = world.partition([first!], [second!], { oneWay: true });
    a!.say('lost', '10.1.0.2', port);
    b!.say('heard', '10.1.0.1', port);
    await world.run(5);
    expect([a!.heard.length, b!.heard.length]).toEqual([1, 0]);
    cut.heal();
    world.partition([second!], [first!]);
    a!.say('lost', '10.1.0.2', port);
    b!.say('lost', '10.1.0.1', port);
    await world.run(10);
    expect([a!.heard.length, b!.heard.length]).toEqual([1, 0]);
    world.healAll();
    a!.say('healed', '10.1.0.2', port);
    await world.run(15);
    expect(b!.heard).toEqual([`healed from 10.1.0.1:${port}`]);
  });

  it('a cut of one segment leaves the other', async () => {
    const world = createWorld();
    const spare = world.segment('spare');
    const both = { segments: [world.lan, spare] };
    const [one, two] = [world.host('one', both), world.host('two', both)];
    const a = await observeSocket(one.start(), { port });
    const b = await observeSocket(two.start(), { port });
    world.partition([one], [two], { segment: world.lan });
    a.say('lan', two.address(world.lan), port);
    a.say('spare', two.address(spare), port);
    await world.run(5);
    expect(b.heard).toEqual([`spare from 10.2.0.1:${port}`]);
  });

  it('a link that is down takes its addresses with it', async () => {
    const world = createWorld();
    const [a, b] = await sockets(world, 2);
    const { runtime } = world.hosts[1]!.processes[0]!;
    expect(runtime.interfaces.list().map((one) => one.name)).toEqual(['lo', 'lo', 'eth0', 'eth0']);
    world.hosts[1]!.linkDown();
    expect(runtime.interfaces.list().map((one) => one.name)).toEqual(['lo', 'lo']);
    a!.say('lost', '10.1.0.2', port);
    b!.say('refused', '10.1.0.1', port);
    await world.run(5);
    expect(b!.errors).toEqual(['ENETUNREACH']);
    world.hosts[1]!.linkUp(world.lan);
    a!.say('back', '10.1.0.2', port);
    await world.run(10);
    expect(b!.heard).toEqual([`back from 10.1.0.1:${port}`]);
  });

  it('wait for a frozen process up to the kernel’s buffer', async () => {
    const world = createWorld();
    const [a, b] = await sockets(world, 2);
    const process = world.hosts[1]!.processes[0]!;
    process.freeze();
    for (let count = 0; count < 5; count++) a!.socket.send(new Uint8Array(60_000), { address: '10.1.0.2', port });
    await world.run(1_000);
    expect(b!.heard).toHaveLength(0);
    process.thaw();
    await world.run(1_001);
    expect(b!.heard).toHaveLength(3);
    process.freeze();
    a!.socket.send(new Uint8Array(60_000), { address: '10.1.0.2', port });
    await world.run(1_002);
    process.kill();
    await world.run(1_100);
    expect(b!.heard).toHaveLength(3);
  });
});
