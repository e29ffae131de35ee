import { describe, expect, it } from 'vitest';
import {
  type DiscoveryObserver,
  type DiscoveryObserverOptions,
  observeDiscovery,
} from '../../test/testing/discovery-observer.ts';
import { clusterTag } from '../protocol/cluster-tag.ts';
import type { VirtualHost } from '../testing/virtual-host.ts';
import { createWorld, type World } from '../testing/world.ts';
import { decodeMdns } from './decode-mdns.ts';
import type { OwnMethod } from './discovery.ts';
import { encodeMdns } from './encode-mdns.ts';
import type { MdnsMessage } from './mdns-packet.ts';
import { mdnsService } from './mdns-records.ts';

const methods: ReadonlySet<OwnMethod> = new Set(['mdns']);

type Settings = Omit<DiscoveryObserverOptions, 'runtime' | 'name'>;

async function join(world: World, host: VirtualHost, settings: Settings = {}): Promise<DiscoveryObserver> {
  const { runtime } = host.start();
  const observer = await world.complete(observeDiscovery({ runtime, name: host.name, methods, ...settings }));
  void observer.discovery.start();
  return observer;
}

/** Whether `one` has been told where the node port of `other` is. */
function found(one: DiscoveryObserver, other: DiscoveryObserver, host: VirtualHost): boolean {
  return one.candidates.some(({ address, provenance }) => {
    return provenance.method === 'mdns' && address.address === host.address() && address.port === other.nodePort;
  });
}

/** Somebody else on the link who speaks mDNS. */
async function bystander(world: World, host: VirtualHost, port = 5353) {
  const heard: (MdnsMessage & { readonly atMs: number; readonly from: string })[] = [];
  const { runtime } = host.start('bystander');
  const open = (address: string, multicastInterface: string | undefined) =>
    runtime.datagrams.open({
      address,
      port,
      shared: true,
      broadcast: false,
      multicastInterface,
      onDatagram(bytes, from) {
        const message = decodeMdns(bytes);
        if (message !== undefined) heard.push({ ...message, atMs: world.nowMs, from: from.address });
      },
      onError() {},
    });
  const listener = await world.complete(open('0.0.0.0', host.address()));
  listener.joinGroup('224.0.0.251', host.address());
  return {
    heard,
    responses: () => heard.filter((message) => message.isResponse && message.from !== host.address()),
    say: (message: Partial<MdnsMessage>, to = '224.0.0.251') =>
      listener.send(encodeMdns(message), { address: to, port: 5353 }),
  };
}

const browse = { questions: [{ name: mdnsService, type: 'PTR', unicast: false }] };

describe('two nodes by mDNS alone', () => {
  it('find each other within a second and a half, on the interface where they are', async () => {
    const world = createWorld();
    const [hostA, hostB] = [world.host('a'), world.host('b')];
    const a = await join(world, hostA);
    const b = await join(world, hostB);
    expect(await world.runUntil(() => found(a, b, hostB) && found(b, a, hostA), 1_500)).toBe(true);
    const { provenance } = a.candidates.find((one) => one.address.address === hostB.address()) ?? {};
    expect(provenance).toMatchObject({ interface: 'eth0', via: b.identity.node });
    expect(a.discovery.status().mdns?.found.map((one) => one.cluster)).toEqual(['same']);
  });

  it('[Z3] a newcomer knows those who are there at once, by asking', async () => {
    const world = createWorld();
    const [hostA, hostB] = [world.host('a'), world.host('b')];
    const a = await join(world, hostA);
    await world.runFor(60_000);
    const b = await join(world, hostB);
    expect(await world.runUntil(() => found(b, a, hostA), 300)).toBe(true);
    expect(await world.runUntil(() => found(a, b, hostB), 1_500)).toBe(true);
  });

  it('[Z4] those of another cluster are seen, and left alone', async () => {
    const world = createWorld();
    const a = await join(world, world.host('a'));
    const b = await join(world, world.host('b'), { cluster: 'other' });
    await world.runFor(10_000);
    expect([...a.candidates, ...b.candidates]).toEqual([]);
    expect(a.discovery.status().mdns?.found).toMatchObject([{ instance: b.identity.node, cluster: 'other' }]);
  });

  it('in scope loopback nothing is said', async () => {
    const world = createWorld();
    const listener = await bystander(world, world.host('b'));
    const a = await join(world, world.host('a'), { scope: 'loopback' });
    await world.runFor(5_000);
    expect(listener.heard).toEqual([]);
    expect(a.discovery.status().mdns).toBeUndefined();
  });

  it('goes on over loss, and over a link that was down', async () => {
    const world = createWorld({ seed: 5 });
    world.lan.setConditions({ loss: 0.3 });
    const [hostA, hostB] = [world.host('a'), world.host('b')];
    hostB.linkDown();
    const a = await join(world, hostA);
    const b = await join(world, hostB);
    await world.runFor(20_000);
    expect(found(a, b, hostB)).toBe(false);
    hostB.linkUp();
    expect(await world.runUntil(() => found(a, b, hostB) && found(b, a, hostA), 10_000)).toBe(true);
  });
});

describe('[Z6] a question that many would ask', () => {
  it('is asked by one of them', async () => {
    const world = createWorld();
    const listener = await bystander(world, world.host('listener'));
    for (let i = 0; i < 8; i++) await join(world, world.host(`n${i}`));
    await world.runFor(300);
    const questions = listener.heard.filter((one) => !one.isResponse && one.authorities.length === 0);
    expect(questions).toHaveLength(1);
    expect(questions[0]?.answers).toEqual([]);
  });

  it('is asked by whoever does not know all that another asker knows', async () => {
    const world = createWorld();
    const listener = await bystander(world, world.host('b'));
    const host = world.host('a');
    const target = `x.${mdnsService}`;
    const known = { name: mdnsService, type: 'PTR', target, ttlS: 4_500, flush: false } as const;
    await join(world, host);
    await world.runFor(15);
    listener.say({ ...browse, answers: [known] });
    await world.runFor(200);
    const asked = listener.heard.filter((one) => one.from === host.address() && one.questions[0]?.type === 'PTR');
    expect(asked).toHaveLength(1);
  });

  it.each([
    { what: 'on the group, from port 5353', port: 5353, message: browse, questions: 0 },
    { what: 'by one who asks once, from another port', port: 40_000, message: browse, questions: 1 },
    {
      what: 'for another type',
      port: 5353,
      message: { questions: [{ name: mdnsService, type: 'TXT', unicast: false }] },
      questions: 1,
    },
  ])('asked $what, is asked $questions times more', async ({ port, message, questions }) => {
    const world = createWorld();
    const listener = await bystander(world, world.host('b'));
    const other = await bystander(world, world.host('c'), port);
    const host = world.host('a');
    await join(world, host);
    await world.runFor(15);
    other.say(message);
    await world.runFor(200);
    const asked = listener.heard.filter((one) => one.from === host.address() && one.questions[0]?.type === 'PTR');
    expect(asked).toHaveLength(questions);
  });

  it('is asked again by a node that seeks, whatever another asks all the time', async () => {
    const world = createWorld();
    const listener = await bystander(world, world.host('b'));
    const host = world.host('a');
    await join(world, host);
    for (let i = 0; i < 80; i++) {
      listener.say(browse);
      await world.runFor(50);
    }
    const asked = listener.heard.filter((one) => one.from === host.address() && one.questions[0]?.type === 'PTR');
    expect(asked.length).toBeGreaterThanOrEqual(1);
  });
});

describe('what a node says by mDNS', () => {
  it('[Z1] is who it is and where, and no name', async () => {
    const world = createWorld();
    const listener = await bystander(world, world.host('b'));
    const host = world.host('secret-name');
    const a = await join(world, host, { cluster: 'secret-cluster' });
    await world.runFor(5_000);
    const announced = listener.responses()[0];
    const { node } = a.identity;
    const name = `${node}.${mdnsService}`;
    const tag = Buffer.from(clusterTag('secret-cluster')).toString('hex');
    expect(announced?.answers).toEqual([
      { name: mdnsService, type: 'PTR', target: name, ttlS: 4_500, flush: false },
      { name: '_services._dns-sd._udp.local', type: 'PTR', target: mdnsService, ttlS: 4_500, flush: false },
      { name, type: 'SRV', target: `fogata-${node}.local`, port: a.nodePort, ttlS: 120, flush: true },
      {
        name,
        type: 'TXT',
        texts: ['v=1', `id=${node}`, `c=${tag}`],
        ttlS: 4_500,
        flush: true,
      },
      { name: `fogata-${node}.local`, type: 'A', address: host.address(), ttlS: 120, flush: true },
      { name: `fogata-${node}.local`, type: 'AAAA', address: 'fe80::2', ttlS: 120, flush: true },
    ]);
    expect(announced?.additionals).toEqual([]);
    expect(JSON.stringify(listener.heard)).not.toContain('secret');
  });

  it('[Z2] begins with three probes, then comes twice (RFC 6762, 8), and ends with a goodbye (10.1)', async () => {
    const world = createWorld();
    const listener = await bystander(world, world.host('b'));
    const a = await join(world, world.host('a'));
    await world.runFor(5_000);
    const probes = listener.heard.filter((one) => one.authorities.length > 0);
    expect(probes).toHaveLength(3);
    expect(listener.responses()).toHaveLength(2);
    expect((listener.responses()[0]?.atMs ?? 0) - (probes[2]?.atMs ?? 0)).toBeCloseTo(250, -1);
    await world.complete(a.stop(true));
    await world.runFor(10);
    const goodbye = listener.responses().at(-1);
    expect(goodbye?.answers.map((record) => record.ttlS)).toEqual([0, 0, 0, 0, 0]);
  });

  it('[Z2] answers, but not what is known, and no record twice a second (6, 7.1)', async () => {
    const world = createWorld();
    const listener = await bystander(world, world.host('b'));
    const a = await join(world, world.host('a'));
    await world.runFor(10_000);
    const before = listener.responses().length;
    const since = () => listener.responses().length - before;
    listener.say(browse);
    await world.runFor(130);
    expect(since()).toBe(1);
    expect(
      listener
        .responses()
        .at(-1)
        ?.additionals.map((record) => record.type),
    ).toEqual(['SRV', 'TXT', 'A', 'AAAA']);
    listener.say(browse);
    await world.runFor(500);
    expect(since()).toBe(1);
    const target = `${a.identity.node}.${mdnsService}`;
    const pointer = { name: mdnsService, type: 'PTR', target, flush: false } as const;
    await world.runFor(1_000);
    listener.say({ ...browse, answers: [{ ...pointer, ttlS: 4_000 }] });
    await world.runFor(500);
    expect(since()).toBe(1);
    listener.say({ ...browse, answers: [{ ...pointer, ttlS: 1_000 }] });
    await world.runFor(500);
    expect(since()).toBe(2);
  });

  it('[Z2] is said by one for all where all would say the same (7.4)', async () => {
    const world = createWorld();
    const listener = await bystander(world, world.host('b'));
    for (let i = 0; i < 8; i++) await join(world, world.host(`n${i}`));
    await world.runFor(10_000);
    const before = listener.responses().length;
    listener.say({ questions: [{ name: '_services._dns-sd._udp.local', type: 'PTR', unicast: false }] });
    await world.runFor(300);
    expect(listener.responses().length - before).toBe(1);
  });

  it('goes to a one-shot asker alone, with his question and short times (6.7)', async () => {
    const world = createWorld();
    const asker = await bystander(world, world.host('b'), 40_000);
    const host = world.host('a');
    await join(world, host);
    await world.runFor(5_000);
    asker.say({ ...browse, id: 77 });
    await world.runFor(50);
    expect(asker.responses()).toMatchObject([{ id: 77, questions: [{ name: mdnsService }] }]);
    const [answer] = asker.responses();
    expect(
      [...(answer?.answers ?? []), ...(answer?.additionals ?? [])].every((one) => one.ttlS <= 10 && !one.flush),
    ).toBe(true);
  });

  it('[D3] goes to one alone at most twenty times a second', async () => {
    const world = createWorld();
    const asker = await bystander(world, world.host('b'), 40_000);
    await join(world, world.host('a'));
    await world.runFor(5_000);
    for (let i = 0; i < 100; i++) asker.say({ ...browse, id: i });
    await world.runFor(100);
    expect(asker.responses().length).toBeGreaterThan(10);
    expect(asker.responses().length).toBeLessThanOrEqual(22);
  });

  it('is defended against a probe at once, and gives way to whoever has the name already (8.1, 9)', async () => {
    const world = createWorld();
    const listener = await bystander(world, world.host('b'));
    const a = await join(world, world.host('a'));
    await world.runFor(5_000);
    const name = `${a.identity.node}.${mdnsService}`;
    const before = listener.responses().length;
    const claim = { name, type: 'SRV', target: 'thief.local', port: 1, ttlS: 120, flush: true } as const;
    listener.say({ questions: [{ name, type: 'ANY', unicast: false }], authorities: [claim] });
    await world.runFor(5);
    expect(listener.responses().length).toBe(before + 1);
    listener.say({ isResponse: true, answers: [claim] });
    await world.runFor(5_000);
    expect(a.discovery.status().mdns?.instance).toBe(`${a.identity.node}-2`);
    expect(
      listener
        .responses()
        .at(-1)
        ?.answers.some((one) => one.name === `${a.identity.node}-2.${mdnsService}`),
    ).toBe(true);
  });
});

describe('others that are heard by mDNS', () => {
  it('need say no more than where they are; what is missing is asked for', async () => {
    const world = createWorld();
    const listener = await bystander(world, world.host('b'));
    const a = await join(world, world.host('a'));
    await world.runFor(3_000);
    const name = `x.${mdnsService}`;
    listener.say({
      isResponse: true,
      answers: [{ name: mdnsService, type: 'PTR', target: name, ttlS: 4_500, flush: false }],
    });
    await world.runFor(50);
    expect(listener.heard.at(-1)?.questions.map((one) => one.type)).toEqual(['SRV', 'TXT']);
    const place = { name, type: 'SRV', target: 'x.local', port: 7_472, ttlS: 120, flush: true } as const;
    listener.say({
      isResponse: true,
      answers: [place, { name, type: 'TXT', texts: [''], ttlS: 4_500, flush: true }],
      additionals: [{ name: 'x.local', type: 'A', address: '10.1.0.99', ttlS: 120, flush: true }],
    });
    await world.runFor(50);
    expect(a.candidates).toMatchObject([
      { address: { address: '10.1.0.99', port: 7_472 }, provenance: { method: 'mdns' } },
    ]);
    await world.runFor(8_000);
    // Nobody answered there: it is tried again, less and less.
    expect(a.candidates.length).toBeGreaterThanOrEqual(3);
    expect(a.candidates.length).toBeLessThanOrEqual(5);
    listener.say({
      isResponse: true,
      answers: [{ name: mdnsService, type: 'PTR', target: name, ttlS: 0, flush: false }],
    });
    await world.runFor(50);
    expect(a.discovery.status().mdns?.found).toEqual([]);
  });

  it('[Z4] cannot send it to loopback, to a group, or to more than a few places a second', async () => {
    const world = createWorld();
    const listener = await bystander(world, world.host('b'));
    const a = await join(world, world.host('a'));
    await world.runFor(3_000);
    const spread = Array.from({ length: 60 }, (_, i) => `10.1.7.${i}`);
    for (const [i, address] of [
      '127.0.0.1',
      '224.0.0.1',
      '0.0.0.0',
      '255.255.255.255',
      '::1',
      'ff02::1',
      ...spread,
    ].entries()) {
      const name = `x${i}.${mdnsService}`;
      const target = `x${i}.local`;
      listener.say({
        isResponse: true,
        answers: [
          { name: mdnsService, type: 'PTR', target: name, ttlS: 4_500, flush: false },
          { name, type: 'SRV', target, port: 7_472, ttlS: 120, flush: true },
          { name: target, type: address.includes(':') ? 'AAAA' : 'A', address, ttlS: 120, flush: true },
        ],
      });
    }
    await world.runFor(100);
    expect(a.candidates.every((one) => one.address.address.startsWith('10.1.7.'))).toBe(true);
    expect(a.candidates.length).toBeLessThanOrEqual(25);
    expect(a.discovery.status().mdns?.found).toHaveLength(66);
  });
});
