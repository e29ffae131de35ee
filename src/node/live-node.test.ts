import { describe, expect, it } from 'vitest';
import { replyOf, requestOf } from '../../test/delivery/delivery-bed.ts';
import { answer, owner } from '../../test/delivery/stream-bed.ts';
import type { Provider } from '../delivery/provider.ts';
import type { PublishSettlement } from '../delivery/publish-settlement.ts';
import type { Settlement } from '../delivery/settlement.ts';
import type { VirtualProcess } from '../testing/virtual-host.ts';
import { createWorld } from '../testing/world.ts';
import { createNode } from './create-node.ts';
import type { FogataNode, OpenRequest } from './node.ts';

const options = { cluster: 'site', id: undefined, open: true, port: 7472, beaconPort: 7470, seeds: [] };
const kinds = { messages: true, http: true, streams: true };

type World = ReturnType<typeof createWorld>;

function start(world: World, process: VirtualProcess, name: string): Promise<FogataNode> {
  return world.complete(createNode({ ...options, name, timing: 'lan' }, process.runtime));
}

const delivered: Provider = {
  deliver(_, respond) {
    respond(replyOf({ outcome: 'delivered' }));
    return () => undefined;
  },
  open(stream) {
    stream.accept(answer);
    return owner();
  },
};

const provide = (node: FogataNode, service: string, provider: Provider = delivered) =>
  node.provide(service, provider, { kinds, weight: 100, labels: {}, inFlightMax: 1_000 });

const openRequest = (fields: Partial<OpenRequest> = {}): OpenRequest => ({
  to: { service: 'crm', node: '' },
  command: 'GET',
  params: {},
  bodyKind: 'none',
  body: new Uint8Array(0),
  idempotent: false,
  deadlineMs: 1_000,
  fromService: '',
  avoid: [],
  ...fields,
});

/** Three nodes, of which b and c serve crm and know each other. */
async function cluster() {
  const world = createWorld({ seed: 7 });
  const processes = ['a', 'b', 'c'].map((name) => world.host(name).start());
  const nodes: FogataNode[] = [];
  for (const process of processes) nodes.push(await start(world, process, process.host.name));
  const [a, b, c] = nodes;
  if (a === undefined || b === undefined || c === undefined) throw new Error('no nodes');
  provide(b, 'crm');
  provide(c, 'crm');
  if (!(await world.runUntil(() => a.resolve('crm').length === 2))) throw new Error('not found');
  return { world, processes, a, b, c };
}

describe('a live node', () => {
  it('publishes to every instance and settles once, also when nobody is there or one is gone', async () => {
    const { world, processes, a } = await cluster();
    const settled: PublishSettlement['instances'][] = [];
    const publish = (service: string) =>
      a.publish(requestOf({ to: { service, node: '*' } }), ({ instances }) => void settled.push(instances));
    publish('nobody');
    expect(settled).toEqual([[]]);
    publish('crm');
    await world.runUntil(() => settled.length === 2);
    expect(settled[1]?.map(({ outcome, node }) => `${outcome} ${node}`).sort()).toEqual(['delivered b', 'delivered c']);
    processes[2]?.kill();
    publish('crm');
    await world.runUntil(() => settled.length === 3, 5_000);
    expect(settled[2]?.map(({ outcome, node }) => `${outcome === 'delivered'} ${node}`).sort()).toEqual([
      'false c',
      'true b',
    ]);
    publish('crm')();
    expect(settled[3]?.map(({ code }) => code)).toContain('cancelled');
  });

  it('opens to one instance, avoids the names it is told to while there is another, and says why not', async () => {
    const { a } = await cluster();
    for (let i = 0; i < 10; i++) {
      expect(a.open(openRequest({ avoid: ['b'] }), owner())).toMatchObject({ ok: true, instance: { node: 'c' } });
    }
    expect(a.open(openRequest({ avoid: ['b', 'c'] }), owner()).ok).toBe(true);
    expect(a.open(openRequest({ to: { service: 'nobody', node: '' } }), owner())).toMatchObject({
      code: 'no-instance',
    });
    expect(a.open(openRequest({ body: new Uint8Array(2_000_000) }), owner())).toMatchObject({ code: 'too-large' });
    expect(a.open(openRequest({ command: 'no good' }), owner())).toMatchObject({ code: 'invalid' });
  });

  it('chooses among those that are up, and only the one that is asked for', async () => {
    const { world, a, c } = await cluster();
    const names = async (node: string) => {
      const settled: Settlement[] = [];
      for (let i = 0; i < 20; i++) a.exchange(requestOf({ to: { service: 'crm', node } }), (one) => settled.push(one));
      await world.runUntil(() => settled.length === 20);
      return [...new Set(settled.map(({ instance, code }) => instance?.node ?? `${code}`))].sort();
    };
    expect(await names('')).toEqual(['b', 'c']);
    expect(await names('c')).toEqual(['c']);
    expect(await names('x')).toEqual(['no-instance']);
    const stopped = c.stop(0);
    await world.complete(stopped);
    await world.runUntil(() => a.resolve('crm').length === 1);
    expect(await names('')).toEqual(['b']);
  });

  it('a provider that throws has failed its message, and the node lives', async () => {
    const { world, a, b } = await cluster();
    provide(b, 'bad', {
      ...delivered,
      deliver() {
        throw new Error('bug');
      },
    });
    await world.runUntil(() => a.resolve('bad').length === 1);
    const settled: Settlement[] = [];
    a.exchange(requestOf({ to: { service: 'bad', node: '' } }), (one) => settled.push(one));
    a.exchange(requestOf(), (one) => settled.push(one));
    await world.runUntil(() => settled.length === 2);
    expect(new Set(settled.map(({ code }) => code))).toEqual(new Set(['failed', undefined]));
  });

  it.each([0, 0.1, 0.3, 0.5, 1, 3, 10, 100])(
    'stopped %f ms into its work it settles all, ends its streams, and nothing happens after it',
    async (afterMs) => {
      const { world, a } = await cluster();
      const settled: Settlement[] = [];
      const streams = Array.from({ length: 5 }, owner);
      for (let i = 0; i < 20; i++) a.exchange(requestOf(), (one) => settled.push(one));
      for (const told of streams) expect(a.open(openRequest(), told).ok).toBe(true);
      await world.runFor(afterMs);
      await world.complete(Promise.all([a.stop(0), a.stop(100)]));
      expect(settled).toHaveLength(20);
      for (const { told } of streams) expect(told.filter((what) => what.startsWith('reset'))).toHaveLength(1);
      expect(a.status()).toMatchObject({ links: 0, exchangesInFlight: 0, streamsOpen: 0 });
      await world.runFor(600);
      const before = world.eventCount;
      a.exchange(requestOf(), (one) => settled.push(one));
      expect(settled[20]).toMatchObject({ outcome: 'refused', code: 'closed' });
      expect(world.eventCount).toBe(before);
    },
  );
});
