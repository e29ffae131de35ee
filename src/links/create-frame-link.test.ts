import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fieldsOf,
  frameBytes,
  helloBytes,
  helloOf,
  idA,
  idB,
  type LinkSide,
  linkSide,
  port,
  type RawPeer,
  rawPeer,
} from '../../test/links/link-bed.ts';
import { FrameKind } from '../protocol/frame.ts';
import type { NodeId } from '../protocol/ids.ts';
import { frameBytesMax } from '../protocol/limits.ts';
import { createWorld, type World } from '../testing/world.ts';

interface Bed {
  readonly world: World;
  readonly side: LinkSide;
  readonly dial: (options?: { readonly reads?: boolean }) => RawPeer;
}

/** A node that listens, and a host from which a test connects by hand. */
async function bed(): Promise<Bed> {
  const world = createWorld();
  const host = world.host('ha');
  const side = linkSide({ runtime: host.start().runtime, id: idA, addressOf: () => undefined });
  await world.complete(side.listen());
  const { streams } = world.host('hb').start().runtime;
  return { world, side, dial: (options) => rawPeer(streams.connect({ address: host.address(), port }), options) };
}

const ping = frameBytes(fieldsOf(FrameKind.ping, 5));

describe('the acceptor of a link, and a peer that keeps no rule', () => {
  it('[F1] [F13] says its hello after the other one, then what its clock says, and answers a ping', async () => {
    const { world, side, dial } = await bed();
    const raw = dial();
    await world.runFor(10);
    expect(raw.got).toEqual([]);
    raw.stream.write(helloBytes(helloOf(idB)));
    raw.stream.write(ping);
    await world.runFor(10);
    expect(raw.got).toEqual([
      { kind: FrameKind.hello, correlation: 0 },
      { kind: FrameKind.clock, correlation: expect.any(Number) as number },
      { kind: FrameKind.pong, correlation: 5 },
    ]);
    expect(side.ups).toEqual([idB]);
  });

  it.each<[string, string, Uint8Array]>([
    ['a ping before the hello', 'protocol', ping],
    ['a hello that is none', 'protocol', frameBytes(fieldsOf(FrameKind.hello), new Uint8Array(40))],
    ['a hello of another cluster', 'other-cluster', helloBytes(helloOf(idB, { clusterTag: new Uint8Array(8) }))],
    ['a hello of a program', 'not-allowed', helloBytes(helloOf('0000000000000000' as NodeId, { role: 'program' }))],
    ['its own hello', 'not-allowed', helloBytes(helloOf(idA))],
    ['a version that is not spoken', 'incompatible', helloBytes(helloOf(idB, { versionOldest: 2, versionNewest: 2 }))],
    ['a frame that is too short', 'protocol', new Uint8Array([0, 0, 0, 1])],
    ['a frame that is too long', 'protocol', new Uint8Array([0x7f, 0, 0, 0, 1])],
  ])('%s is answered by goaway %s, and closed', async (_, reason, bytes) => {
    const { world, side, dial } = await bed();
    const raw = dial();
    raw.stream.write(bytes);
    await world.runUntil(() => raw.goaway.length > 0);
    expect(raw.goaway).toEqual([reason]);
    expect(raw.got.filter(({ kind }) => kind === FrameKind.hello)).toEqual([]);
    await world.runFor(1_000);
    expect([raw.closed, side.ups, side.losses, side.links.count()]).toEqual([true, [], [], 0]);
  });

  it.each<[string, Uint8Array]>([
    ['a second hello', helloBytes(helloOf(idB))],
    ['an unknown kind below 128', frameBytes(fieldsOf(99))],
    ['more hops than there may be', frameBytes(fieldsOf(FrameKind.message, 1, { hops: 9 }))],
    ['data of no bytes without end', frameBytes(fieldsOf(FrameKind.data, 1))],
    ['a ping with a rest', frameBytes(fieldsOf(FrameKind.ping, 1), new Uint8Array(1))],
  ])('[F4] %s on an open link ends it', async (_, bytes) => {
    const { world, side, dial } = await bed();
    const raw = dial();
    raw.stream.write(helloBytes(helloOf(idB)));
    raw.stream.write(bytes);
    await world.runUntil(() => raw.goaway.length > 0);
    expect(raw.goaway).toEqual(['protocol']);
    expect(side.losses.map(({ loss }) => loss.kind)).toEqual(['protocol']);
    expect(side.links.count()).toBe(0);
    await world.runFor(1_000);
    expect([raw.closed, side.losses.length]).toEqual([true, 1]);
  });

  it('kinds from 128 on are ignored', async () => {
    const { world, side, dial } = await bed();
    const raw = dial();
    raw.stream.write(helloBytes(helloOf(idB)));
    raw.stream.write(frameBytes(fieldsOf(200), new Uint8Array(10)));
    raw.stream.write(ping);
    await world.runFor(50);
    expect([raw.got.length, side.frames, side.losses]).toEqual([3, [], []]);
  });

  it('[F1] a connection without a hello is closed after 5 s', async () => {
    const { world, dial } = await bed();
    const raw = dial();
    await world.runFor(4_900);
    expect(raw.closed).toBe(false);
    await world.runFor(200);
    expect(raw.closed).toBe(true);
  });

  it('a flood of strangers keeps nobody out who speaks', async () => {
    const { world, side, dial } = await bed();
    const flood = Array.from({ length: 300 }, () => dial());
    await world.runFor(50);
    const raw = dial();
    raw.stream.write(helloBytes(helloOf(idB)));
    await world.runFor(50);
    expect(side.ups).toEqual([idB]);
    expect(flood.filter(({ closed }) => closed).length).toBeGreaterThanOrEqual(300 - 256);
    expect(raw.closed).toBe(false);
  });

  it('pings of a peer that never reads cost no memory', async () => {
    const { world, side, dial } = await bed();
    const raw = dial({ reads: false });
    raw.stream.write(helloBytes(helloOf(idB)));
    const many = new Uint8Array(32 * 4_096);
    for (let at = 0; at < many.length; at += 32) many.set(ping, at);
    for (let i = 0; i < 50; i++) {
      raw.stream.write(many);
      await world.runFor(10);
    }
    // What is queued shows by whether the next message is still below the mark plus a few pongs.
    expect(side.links.send(idB, fieldsOf(FrameKind.message, 1), undefined, undefined)).toBe('pressed');
    raw.stream.resume();
    await world.runFor(1_000);
    const pongs = raw.got.filter(({ kind }) => kind === FrameKind.pong).length;
    expect(pongs * 32).toBeLessThan(3_000_000);
    expect(pongs).toBeGreaterThan(1_000);
  });

  it('[F16] who did not read is answered the last ping with a number once it does: else its streams would wait for ever', async () => {
    const { world, side, dial } = await bed();
    const raw = dial({ reads: false });
    raw.stream.write(helloBytes(helloOf(idB)));
    await world.runFor(10);
    const body = new Uint8Array(1_048_576);
    for (let i = 0; i < 3; i++) side.links.send(idB, fieldsOf(FrameKind.message, i), undefined, body);
    for (const number of [7, 8, 0]) raw.stream.write(frameBytes(fieldsOf(FrameKind.ping, number)));
    await world.runFor(100);
    raw.stream.resume();
    await world.runFor(1_000);
    const pongs = raw.got.filter(({ kind }) => kind === FrameKind.pong);
    expect(pongs).toEqual([{ kind: FrameKind.pong, correlation: 8 }]);
  });

  it('who ends its half has no link any more, even if it never closes', async () => {
    const { world, side, dial } = await bed();
    const raw = dial();
    raw.stream.write(helloBytes(helloOf(idB)));
    await world.runFor(10);
    raw.stream.end();
    await world.runUntil(() => side.losses.length === 1);
    expect([side.links.count(), side.links.isOpen(idB)]).toEqual([0, false]);
    const again = dial();
    again.stream.write(helloBytes(helloOf(idB)));
    await world.runFor(10);
    expect(side.ups).toEqual([idB, idB]);
  });

  it('[F3] a second hello of the same incarnation is refused, and the first link verified', async () => {
    const { world, side, dial } = await bed();
    const raw = dial();
    raw.stream.write(helloBytes(helloOf(idB)));
    await world.runFor(10);
    const second = dial();
    second.stream.write(helloBytes(helloOf(idB)));
    await world.runUntil(() => second.goaway.length > 0);
    expect(second.goaway).toEqual(['duplicate-link']);
    await world.runFor(10);
    expect(raw.got.map(({ kind }) => kind)).toContain(FrameKind.ping);
    // Nothing answers the ping: the first link is given up, and a third one is taken.
    await world.runUntil(() => side.losses.length === 1, 2_000);
    expect(side.losses[0]?.loss.kind).toBe('silent');
    const third = dial();
    third.stream.write(helloBytes(helloOf(idB)));
    await world.runFor(10);
    expect(side.links.isOpen(idB)).toBe(true);
  });

  it('whatever bytes come, however cut: at most one goaway, no throw, no memory', async () => {
    const junk = fc.uint8Array({ maxLength: 300 });
    const frame = fc
      .record({ kind: fc.integer({ min: 0, max: 255 }), rest: junk, hops: fc.integer({ min: 0, max: 255 }) })
      .map(({ kind, rest, hops }) => frameBytes(fieldsOf(kind, 1, { hops }), rest));
    const piece = fc.oneof(junk, frame, fc.constant(helloBytes(helloOf(idB))), fc.constant(ping));
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 8 }), fc.boolean(), async (pieces, helloFirst) => {
        const { world, side, dial } = await bed();
        const raw = dial();
        if (helloFirst) raw.stream.write(helloBytes(helloOf(idB)));
        for (const bytes of pieces) {
          raw.stream.write(bytes);
          await world.runFor(1);
        }
        await world.runFor(700);
        expect(raw.goaway.length).toBeLessThanOrEqual(1);
        expect(side.ups.length - side.losses.length).toBe(side.links.count());
      }),
      { numRuns: 60 },
    );
  });

  it('the largest frame passes, one byte more ends the link', async () => {
    const { world, side, dial } = await bed();
    const raw = dial();
    raw.stream.write(helloBytes(helloOf(idB)));
    raw.stream.write(frameBytes(fieldsOf(FrameKind.message, 1), new Uint8Array(frameBytesMax - 28)));
    await world.runUntil(() => side.frames.length === 1);
    raw.stream.write(frameBytes(fieldsOf(FrameKind.message, 2), new Uint8Array(frameBytesMax - 27)));
    await world.runUntil(() => side.losses.length === 1);
    expect(side.losses[0]?.loss.kind).toBe('protocol');
  });
});
