import { afterEach, describe, expect, it } from 'vitest';
import type { MeshEvent } from '../src/api/mesh-event.ts';
import type { ExchangeRequest } from '../src/delivery/exchange-request.ts';
import type { PublishSettlement } from '../src/delivery/publish-settlement.ts';
import type { Settlement } from '../src/delivery/settlement.ts';
import { createNode } from '../src/node/create-node.ts';
import type { FogataNode } from '../src/node/node.ts';
import type { NodeId } from '../src/protocol/ids.ts';
import { replyOf, requestOf } from './delivery/delivery-bed.ts';
import { answer, owner } from './delivery/stream-bed.ts';
import { type KillableRuntime, killableRuntime } from './killable-runtime.ts';
import { undisturbedTime } from './undisturbed-time.ts';

/** Numbers nobody else on this machine uses for beacons and nodes. */
const beaconPort = 29_470;
const firstPort = 29_500;
const cluster = `sockets-${process.pid}`;

interface Running {
  readonly node: FogataNode;
  readonly kill: KillableRuntime['kill'];
}

const running: Running[] = [];

async function start(name: string, id?: NodeId): Promise<Running> {
  const { runtime, kill } = killableRuntime();
  const options = { name, cluster, id, open: false, port: firstPort, beaconPort, seeds: [], timing: 'local' as const };
  const node = await createNode(options, runtime);
  const one: Running = {
    node,
    kill() {
      running.splice(running.indexOf(one), 1);
      kill();
    },
  };
  running.push(one);
  return one;
}

const kinds = { messages: true, http: true, streams: true };

/** Answers with its name, and echoes streams. */
function serve(node: FogataNode): void {
  const body = new TextEncoder().encode(node.name);
  const provider = {
    deliver: (delivery: { replyWanted: boolean }, respond: (reply: ReturnType<typeof replyOf>) => void) => {
      respond(delivery.replyWanted ? replyOf({ bodyKind: 'text', body }) : replyOf({ outcome: 'delivered' }));
      return () => undefined;
    },
    open(stream: Parameters<NonNullable<Parameters<FogataNode['provide']>[1]['open']>>[0]) {
      stream.accept(answer);
      return {
        ...owner(),
        onData(bytes: Uint8Array) {
          stream.write(bytes.slice());
          stream.consumed(bytes.length);
        },
        onEnd: () => stream.end(),
      };
    },
  };
  node.provide('crm', provider, { kinds, weight: 100, labels: {}, inFlightMax: 1_024 });
}

const call = (node: FogataNode, fields: Partial<ExchangeRequest> = {}) =>
  new Promise<Settlement>((resolve) => void node.exchange(requestOf({ deadlineMs: 5_000, ...fields }), resolve));

const textOf = ({ body }: Settlement) => new TextDecoder().decode(body);

/** Resolves when the watched node has told so many instances of crm on other nodes. */
function instancesSeen(node: FogataNode, count: number): Promise<void> {
  return new Promise((resolve) => {
    const seen = new Set<string>();
    const stop = node.watch((event: MeshEvent) => {
      if (event.type !== 'instance-up' || event.instance.node === node.name) return;
      seen.add(event.instance.node);
      if (seen.size < count) return;
      resolve();
      queueMicrotask(() => stop());
    });
  });
}

afterEach(async () => {
  await Promise.all(running.splice(0).map(({ node }) => node.stop(0)));
});

describe('nodes over real sockets', () => {
  it('find each other within a second; call, send, publish and open', async () => {
    const elapsedMs = undisturbedTime();
    const [a, b, c] = await Promise.all([start('a'), start('b'), start('c')]);
    for (const { node } of [b, c]) serve(node);
    await instancesSeen(a.node, 2);
    expect(elapsedMs()).toBeLessThan(1_000);

    const first = await call(a.node);
    expect([first.outcome, ['b', 'c'].includes(textOf(first))]).toEqual(['answered', true]);
    expect(textOf(await call(a.node, { to: { service: 'crm', node: 'c' } }))).toBe('c');
    expect((await call(a.node, { replyWanted: false })).outcome).toBe('delivered');
    expect(await call(a.node, { to: { service: 'nobody', node: '' } })).toMatchObject({ code: 'no-instance' });
    const published = await new Promise<PublishSettlement>(
      (resolve) => void a.node.publish(requestOf({ deadlineMs: 5_000 }), resolve),
    );
    expect(published.instances.map(({ outcome, node }) => `${outcome} ${node}`).sort()).toEqual([
      'delivered b',
      'delivered c',
    ]);

    const events = owner();
    const open = { command: 'GET', params: {}, bodyKind: 'none', body: new Uint8Array(0) } as const;
    const request = { to: { service: 'crm', node: '' }, ...open, idempotent: false };
    const opened = a.node.open({ ...request, deadlineMs: 5_000, fromService: '', avoid: [] }, events);
    if (!opened.ok) throw new Error(opened.reason);
    const sent = new Uint8Array(1_000_000).map((_, i) => i & 255);
    let echoed = 0;
    events.follow = (what) => {
      if (what !== 'data') return;
      opened.stream.consumed(events.bytes.length - echoed);
      echoed = events.bytes.length;
    };
    opened.stream.write(sent);
    opened.stream.end();
    await expect.poll(() => events.told.at(-1)).toBe('finish');
    expect(Buffer.from(events.bytes).equals(sent)).toBe(true);
  });

  it('one is killed without a goodbye: idempotent calls go on without a failure', async () => {
    const [a, b, c] = await Promise.all([start('a'), start('b'), start('c')]);
    for (const { node } of [b, c]) serve(node);
    await instancesSeen(a.node, 2);
    const before = await Promise.all(Array.from({ length: 50 }, () => call(a.node, { idempotent: true })));
    expect(new Set(before.map(textOf))).toEqual(new Set(['b', 'c']));
    const during = Array.from({ length: 50 }, () => call(a.node, { idempotent: true }));
    b.kill();
    const after = await Promise.all([
      ...during,
      ...Array.from({ length: 50 }, () => call(a.node, { idempotent: true })),
    ]);
    expect(after.map(({ outcome }) => outcome)).toEqual(after.map(() => 'answered'));
    expect(after.slice(50).every((one) => textOf(one) === 'c')).toBe(true);
    await expect.poll(() => a.node.resolve('crm')).toMatchObject([{ node: 'c' }]);
  });

  it('one that is killed and restarted under the same id is called again, by the same links', async () => {
    const id = 'abcdef0123456789' as NodeId;
    const [a, b] = await Promise.all([start('a'), start('b', id)]);
    serve(b.node);
    await instancesSeen(a.node, 1);
    expect((await call(a.node)).outcome).toBe('answered');
    const old = b.node.status().incarnation;
    b.kill();
    const again = await start('b', id);
    serve(again.node);
    expect(again.node.status().incarnation).toBeGreaterThan(old);
    await expect.poll(() => call(a.node, { idempotent: true, deadlineMs: 500 })).toMatchObject({ outcome: 'answered' });
    expect(a.node.status().links).toBe(1);
  });

  it('stop is safe at once, twice, and while streams are open and calls in hand', async () => {
    const [a, b] = await Promise.all([start('a'), start('b')]);
    serve(b.node);
    b.node.provide(
      'slow',
      { deliver: () => () => undefined, open: undefined },
      { kinds, weight: 100, labels: {}, inFlightMax: 10 },
    );
    await instancesSeen(a.node, 1);
    await expect.poll(() => a.node.resolve('slow')).toHaveLength(1);
    const slow = call(a.node, { to: { service: 'slow', node: '' } });
    const held = owner();
    const open = { command: 'GET', params: {}, bodyKind: 'none', body: new Uint8Array(0) } as const;
    const request = { to: { service: 'crm', node: '' }, ...open, idempotent: false };
    a.node.open({ ...request, deadlineMs: 5_000, fromService: '', avoid: [] }, held);
    await expect.poll(() => held.told).toContain('accept');
    await Promise.all([b.node.stop(50), b.node.stop(0)]);
    expect((await slow).outcome).toBe('unknown');
    await expect.poll(() => held.told.at(-1)).toMatch(/^reset/);
    expect(() =>
      b.node.provide(
        'x',
        { deliver: () => () => undefined, open: undefined },
        { kinds, weight: 1, labels: {}, inFlightMax: 1 },
      ),
    ).toThrow('closing');
    expect(await call(b.node)).toMatchObject({ outcome: 'refused', code: 'closed' });
    const c = await start('c');
    await c.node.stop(0);
    await expect.poll(() => a.node.nodesView().nodes.filter(({ state }) => state === 'alive')).toHaveLength(1);
  });
});
