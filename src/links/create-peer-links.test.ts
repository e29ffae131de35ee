import { describe, expect, it } from 'vitest';
import { fieldsOf, idA, idB, type LinkSide, linkSide } from '../../test/links/link-bed.ts';
import { FrameKind } from '../protocol/frame.ts';
import type { NodeId } from '../protocol/ids.ts';
import { queuedBytesMax } from '../protocol/limits.ts';
import type { VirtualHost, VirtualProcess } from '../testing/virtual-host.ts';
import { createWorld, type World } from '../testing/world.ts';

interface Pair {
  readonly world: World;
  readonly hosts: { readonly a: VirtualHost; readonly b: VirtualHost };
  readonly a: LinkSide;
  readonly b: LinkSide;
  readonly processB: VirtualProcess;
}

async function pair(options: { readonly seed?: number; readonly helloB?: object } = {}): Promise<Pair> {
  const world = createWorld({ seed: options.seed ?? 1 });
  const hosts = { a: world.host('ha'), b: world.host('hb') };
  const addressOf = (id: NodeId) => (id === idA ? hosts.a.address() : id === idB ? hosts.b.address() : undefined);
  const a = linkSide({ runtime: hosts.a.start().runtime, id: idA, addressOf });
  const processB = hosts.b.start();
  const b = linkSide({ runtime: processB.runtime, id: idB, addressOf, hello: options.helloB ?? {} });
  await world.complete(Promise.all([a.listen(), b.listen()]));
  return { world, hosts, a, b, processB };
}

const message = (correlation: number) => fieldsOf(FrameKind.message, correlation);
const send = (side: LinkSide, to: NodeId, correlation: number, body?: Uint8Array) =>
  side.links.send(to, message(correlation), undefined, body);
const correlations = (side: LinkSide) => side.frames.map(({ correlation }) => correlation);

describe('links to peers', () => {
  it('[F1] dials when there is something to say, holds it until the hello has come, and writes it then in order', async () => {
    const { world, a, b } = await pair();
    expect([1, 2, 3].map((i) => send(a, idB, i))).toEqual(['held', 'held', 'held']);
    await world.runUntil(() => b.frames.length === 3);
    expect(correlations(b)).toEqual([1, 2, 3]);
    expect([a.ups, b.ups, a.links.count(), b.links.count()]).toEqual([[idB], [idA], 1, 1]);
    expect(send(b, idA, 4)).toBe('written');
    await world.runUntil(() => a.frames.length === 1);
    expect(a.losses).toEqual([]);
  });

  it.each([0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.7, 1, 2])(
    '[F3] of two dials %f ms apart one link is left, and nothing is lost or doubled',
    async (apartMs) => {
      for (const [first, second] of [
        [0, 1],
        [1, 0],
      ] as const) {
        const { world, a, b } = await pair({ seed: 3 });
        const sides = [a, b] as const;
        const ids = [idA, idB] as const;
        send(sides[first], ids[second], 1);
        await world.runFor(apartMs);
        send(sides[second], ids[first], 2);
        await world.runFor(2_000);
        expect([correlations(sides[first]), correlations(sides[second])]).toEqual([[2], [1]]);
        expect([a.links.count(), b.links.count(), a.losses, b.losses]).toEqual([1, 1, [], []]);
        send(a, idB, 3);
        send(b, idA, 4);
        await world.runFor(10);
        expect([correlations(sides[first]).length, correlations(sides[second]).length]).toEqual([2, 2]);
      }
    },
  );

  it('a dial that nobody answers tells `unreachable` once, with nothing written, and refuses for a moment', async () => {
    const { world, a, processB } = await pair();
    processB.kill();
    expect([send(a, idB, 1), send(a, idB, 2)]).toEqual(['held', 'held']);
    a.onLost = () => expect(send(a, idB, 3)).toBe('unreachable');
    await world.runUntil(() => a.losses.length > 0);
    expect(a.losses.map(({ loss }) => loss.kind)).toEqual(['unreachable']);
    expect(send(a, idB, 4)).toBe('unreachable');
    await world.runFor(150);
    expect(send(a, idB, 5)).toBe('held');
  });

  it('one without an address, or what only ends something, is not dialled for', async () => {
    const { a } = await pair();
    expect(send(a, '00000000000000cc' as NodeId, 1)).toBe('unreachable');
    for (const kind of [FrameKind.cancel, FrameKind.credit, FrameKind.reset, FrameKind.data, FrameKind.accept]) {
      expect(a.links.send(idB, fieldsOf(kind, 1), undefined, undefined)).toBe('unreachable');
    }
  });

  it('what is cancelled while it is held is never executed', async () => {
    const { world, a, b } = await pair();
    send(a, idB, 1);
    send(a, idB, 2);
    a.links.send(idB, fieldsOf(FrameKind.cancel, 1), undefined, undefined);
    await world.runFor(100);
    expect(b.frames.map(({ kind, correlation }) => [kind, correlation])).toEqual([[FrameKind.message, 2]]);
  });

  it('a timer of a failed dial does not throw away a later one', async () => {
    const { world, hosts, a, b, processB } = await pair();
    processB.freeze();
    hosts.b.linkDown();
    send(a, idB, 1);
    await world.runUntil(() => a.losses.length === 1, 5_000);
    hosts.b.linkUp();
    processB.thaw();
    // Within the pause of the failed dial the other side comes and goes, and a new dial begins.
    send(b, idA, 2);
    await world.runUntil(() => a.links.isOpen(idB), 50);
    b.links.forget(idA);
    await world.runUntil(() => !a.links.isOpen(idB), 50);
    expect(send(a, idB, 3)).toBe('held');
    await world.runFor(500);
    send(a, idB, 4);
    await world.runFor(500);
    expect(correlations(b)).toEqual([3, 4]);
    expect([a.links.count(), b.links.count()]).toEqual([1, 1]);
  });

  it('[F3] a hello with a higher incarnation ends the older link', async () => {
    const { world, hosts, a, b, processB } = await pair();
    send(a, idB, 1);
    await world.runUntil(() => b.frames.length === 1);
    hosts.b.linkDown();
    processB.kill();
    hosts.b.linkUp();
    const again = hosts.b.start('again');
    const addressOf = () => hosts.a.address();
    const next = linkSide({ runtime: again.runtime, id: idB, addressOf, hello: { incarnation: 2 } });
    next.links.send(idA, message(9), undefined, undefined);
    await world.runUntil(() => a.frames.length === 1, 500);
    expect(correlations(a)).toEqual([9]);
    expect(a.losses.map(({ loss }) => loss.kind)).toEqual(['lost']);
    expect([a.links.count(), a.ups]).toEqual([1, [idB, idB]]);
  });

  it('[F3] a link of which one side knows nothing any more is found by the other one dialling', async () => {
    const { world, hosts, a, b } = await pair();
    send(a, idB, 1);
    await world.runUntil(() => b.frames.length === 1);
    // B gives it up while nothing gets through: A has half a link.
    const cut = world.partition([hosts.a], [hosts.b]);
    b.links.forget(idA);
    cut.heal();
    await world.runFor(200);
    send(b, idA, 2);
    await world.runUntil(() => correlations(a).includes(2), 5_000);
    expect([a.links.count(), b.links.count()]).toEqual([1, 1]);
  });

  it('[F5] a silent peer is lost when there is work', async () => {
    const { world, hosts, a, b } = await pair();
    send(a, idB, 1);
    await world.runUntil(() => b.frames.length === 1);
    hosts.b.powerOff();
    send(a, idB, 2);
    await world.runUntil(() => a.losses.length === 1, 3_000);
    expect(a.losses[0]?.loss.kind).toBe('silent');
    expect(a.links.count()).toBe(0);
  });

  it('[F4] a fault costs that link, and what comes next gets a new one', async () => {
    const { world, a, b } = await pair();
    b.fault = 'nonsense';
    send(a, idB, 1);
    await world.runUntil(() => a.losses.length === 1);
    expect([a.losses[0]?.loss, b.losses[0]?.loss]).toEqual([
      { kind: 'protocol', text: 'nonsense' },
      { kind: 'protocol', text: 'nonsense' },
    ]);
    b.fault = undefined;
    expect(send(a, idB, 2)).toBe('held');
    await world.runUntil(() => correlations(b).includes(2));
  });

  it('another cluster is refused on both sides, and not dialled again for a minute', async () => {
    const { world, a, b } = await pair({ helloB: { clusterTag: new Uint8Array(8), clusterName: 'other' } });
    send(a, idB, 1);
    await world.runUntil(() => a.losses.length === 1);
    expect(a.losses[0]?.loss.kind).toBe('unreachable');
    expect(a.losses[0]?.loss.text).toContain('this is cluster other');
    expect([a.links.count(), b.links.count(), b.ups, b.frames]).toEqual([0, 0, [], []]);
    await world.runFor(59_000);
    expect(send(a, idB, 2)).toBe('unreachable');
    await world.runFor(1_500);
    expect(send(a, idB, 3)).toBe('held');
  });

  it('[F2] nor is one that speaks no common version', async () => {
    const { world, a, b } = await pair({ helloB: { versionOldest: 2, versionNewest: 3 } });
    send(a, idB, 1);
    await world.runUntil(() => a.losses.length === 1);
    expect([a.losses.length, b.ups]).toEqual([1, []]);
    await world.runFor(59_000);
    expect(send(a, idB, 2)).toBe('unreachable');
  });

  it('back-pressure: pressed, then busy for what may be refused, and drained when it is read', async () => {
    const { world, a, b, processB } = await pair();
    send(a, idB, 1);
    await world.runUntil(() => b.frames.length === 1);
    processB.freeze();
    const body = new Uint8Array(1_048_576);
    const results = Array.from({ length: 20 }, (_, i) => send(a, idB, 10 + i, body));
    expect(results.indexOf('busy')).toBe(17);
    expect(results.lastIndexOf('pressed')).toBe(16);
    for (const kind of [FrameKind.credit, FrameKind.accept, FrameKind.cancel]) {
      expect(a.links.send(idB, fieldsOf(kind, 7), undefined, undefined), `kind ${kind}`).toBe('pressed');
    }
    // It goes with the bytes of streams, of which none wait.
    expect(a.links.send(idB, fieldsOf(FrameKind.reset, 7), undefined, undefined)).toBe('written');
    processB.thaw();
    await world.runUntil(() => a.drains.length > 0);
    expect(a.losses).toEqual([]);
    await world.runUntil(() => b.frames.some(({ kind }) => kind === FrameKind.cancel));
    expect(b.frames.filter(({ kind }) => kind === FrameKind.message)).toHaveLength(1 + 17);
  });

  it('[F16] a message overtakes a megabyte of streams, and none of it is lost', async () => {
    const { world, a, b } = await pair();
    send(a, idB, 1);
    await world.runUntil(() => b.frames.length === 1);
    const data = (correlation: number, body: Uint8Array) =>
      a.links.send(idB, fieldsOf(FrameKind.data, correlation), undefined, body);
    let results = '';
    for (let i = 0; i < 20; i++) results = data(i % 10, new Uint8Array(65_536).fill(i));
    expect(results).toBe('busy');
    send(a, idB, 2);
    await world.runUntil(() => b.frames.length >= 20);
    const at = b.frames.findIndex(({ kind, correlation }) => kind === FrameKind.message && correlation === 2);
    expect(at).toBeGreaterThan(0);
    expect(at).toBeLessThanOrEqual(2);
    await world.runUntil(() => a.drains.length > 0);
    expect(data(99, new Uint8Array(1))).toBe('written');
    await world.runUntil(() => b.frames.some(({ correlation }) => correlation === 99));
  });

  it('[F16] what waits of streams goes out before the link ends in order', async () => {
    const { world, a, b } = await pair();
    send(a, idB, 1);
    await world.runUntil(() => b.frames.length === 1);
    for (let i = 0; i < 8; i++) a.links.send(idB, fieldsOf(FrameKind.data, 5), undefined, new Uint8Array(65_536));
    a.links.send(idB, fieldsOf(FrameKind.reset, 5), undefined, undefined);
    a.links.close();
    await world.runUntil(() => b.losses.length > 0);
    expect(b.frames.at(-1)?.kind).toBe(FrameKind.reset);
  });

  it('who reads nothing at all is given up, so that memory is bounded', async () => {
    const { world, a, b, processB } = await pair();
    send(a, idB, 1);
    await world.runUntil(() => b.frames.length === 1);
    processB.freeze();
    const body = new Uint8Array(1_048_576);
    for (let bytes = 0; bytes <= queuedBytesMax; bytes += body.length) send(a, idB, 2, body);
    let result = '';
    for (let i = 0; i < 100_000 && result !== 'unreachable'; i++) {
      result = a.links.send(idB, fieldsOf(FrameKind.reset, i), new Uint8Array(100), undefined);
    }
    expect(result).toBe('unreachable');
    await world.runUntil(() => a.losses.length === 1);
  });

  it('closes in order: the other side is told why, nothing is told here, and nothing is sent any more', async () => {
    const { world, a, b } = await pair();
    send(a, idB, 1);
    await world.runUntil(() => b.frames.length === 1);
    a.links.close();
    a.links.close();
    expect(send(a, idB, 2)).toBe('unreachable');
    await world.runUntil(() => b.losses.length === 1);
    expect(b.losses[0]?.loss.kind).toBe('leaving');
    await world.runFor(3_000);
    expect([a.losses, a.links.count(), b.links.count()]).toEqual([[], 0, 0]);
  });

  it.each([0, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1])('closes %f ms into a dial', async (afterMs) => {
    const { world, a, b } = await pair();
    send(a, idB, 1);
    await world.runFor(afterMs);
    a.links.close();
    await world.runFor(10_000);
    expect([a.losses, a.links.count(), b.links.count()]).toEqual([[], 0, 0]);
  });

  it('is given up and dialled anew without end when it flaps, and every frame arrives at most once', async () => {
    const { world, hosts, a, b } = await pair();
    for (let i = 0; i < 40; i++) {
      send(a, idB, i);
      await world.runFor(world.random.next() * 30);
      if (i % 3 === 0) (i % 2 === 0 ? a : b).links.forget(i % 2 === 0 ? idB : idA);
      if (i % 7 === 0) {
        hosts.b.linkDown();
        await world.runFor(20);
        hosts.b.linkUp();
      }
    }
    await world.runFor(3_000);
    expect(new Set(correlations(b)).size).toBe(b.frames.length);
    send(a, idB, 1_000);
    await world.runUntil(() => correlations(b).includes(1_000), 3_000);
    expect([a.links.count(), b.links.count()]).toEqual([1, 1]);
  });
});
