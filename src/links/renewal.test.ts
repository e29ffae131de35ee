import { describe, expect, it } from 'vitest';
import { fieldsOf, idA, idB, isAccepted, type LinkKeys, type LinkSide, linkSide } from '../../test/links/link-bed.ts';
import { FrameKind } from '../protocol/frame.ts';
import type { NodeId } from '../protocol/ids.ts';
import { createWorld } from '../testing/world.ts';

interface Pair {
  readonly world: ReturnType<typeof createWorld>;
  readonly a: LinkSide;
  readonly b: LinkSide;
  readonly keysA: LinkKeys;
  readonly keysB: LinkKeys;
}

async function pair(seed: number | string, conditions: { jitterMs?: number } = {}): Promise<Pair> {
  const world = createWorld({ seed });
  world.lan.setConditions(conditions);
  const hosts = { a: world.host('ha'), b: world.host('hb') };
  const addressOf = (id: NodeId) => (id === idA ? hosts.a : hosts.b).address();
  const [keysA, keysB] = [1, 1].map((key): LinkKeys => ({ inUse: key, accepted: new Set([key]) })) as [
    LinkKeys,
    LinkKeys,
  ];
  const a = linkSide({ runtime: hosts.a.start().runtime, id: idA, addressOf, keys: keysA });
  const b = linkSide({ runtime: hosts.b.start().runtime, id: idB, addressOf, keys: keysB });
  await world.complete(Promise.all([a.listen(), b.listen()]));
  return { world, a, b, keysA, keysB };
}

const correlations = (side: LinkSide) => side.frames.map(({ correlation }) => correlation);
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

interface Side {
  readonly from: LinkSide;
  readonly to: NodeId;
  sent: number;
  readonly refused: string[];
}

/** Sends a numbered frame each way every `everyMs`, until told, as long as it is taken. */
function startFrames({ world, a, b }: Pair, everyMs: number, bodyBytes: number) {
  const sides = [
    { from: a, to: idB, sent: 0, refused: [] },
    { from: b, to: idA, sent: 0, refused: [] },
  ] as [Side, Side];
  let stopped = false;
  const next = (): void => {
    if (stopped) return;
    for (const side of sides) {
      const fields = fieldsOf(FrameKind.message, side.sent + 1);
      const result = side.from.links.send(side.to, fields, undefined, new Uint8Array(bodyBytes));
      if (result === 'busy' || result === 'unreachable') side.refused.push(result);
      else side.sent += 1;
    }
    world.at(world.nowMs + everyMs, next);
  };
  next();
  return { sides, stop: () => void (stopped = true) };
}

/** What is wrong with the frames that came, in a word. */
function faultIn(side: LinkSide, sent: number): string {
  const came = correlations(side);
  const wrongAt = came.findIndex((correlation, index) => correlation !== index + 1);
  if (wrongAt >= 0) return `after ${wrongAt} of ${sent} came ${came[wrongAt]}`;
  return came.length === sent ? '' : `${came.length} of ${sent} came`;
}

describe('a link whose key was removed [K11]', () => {
  it.each(upTo(40))(
    'is continued without losing or overtaking a frame, whoever removes the key, seed %i',
    async (seed) => {
      const both = await pair(seed, { jitterMs: (seed % 4) * 4 });
      const { world, a, b, keysA, keysB } = both;
      const frames = startFrames(both, 0.3, seed % 3 === 0 ? 20_000 : 100);
      await world.runFor(300);
      for (let key = 2; key < 6; key++) {
        for (const keys of [keysA, keysB]) {
          keys.accepted.add(key);
          keys.inUse = key;
        }
        const remove = (side: LinkSide, keys: LinkKeys) => () => {
          keys.accepted.delete(key - 1);
          side.links.renew(isAccepted(keys));
        };
        world.at(world.nowMs + world.random.next() * 3, remove(a, keysA));
        world.at(world.nowMs + world.random.next() * 3, remove(b, keysB));
        await world.runFor(700);
      }
      frames.stop();
      await world.runFor(8_000);
      expect(a.losses.concat(b.losses).map(({ peer, loss }) => `${peer} ${loss.kind} ${loss.text}`)).toEqual([]);
      const [toB, toA] = frames.sides;
      expect([faultIn(b, toB.sent), faultIn(a, toA.sent)]).toEqual(['', '']);
      expect([...toA.refused, ...toB.refused].filter((result) => result === 'unreachable')).toEqual([]);
      expect([a.links.count(), b.links.count()]).toEqual([1, 1]);
      expect([a.ups, b.ups]).toEqual([[idB], [idA]]);
    },
  );

  it('is given up when the other side has no valid one', async () => {
    const { world, a, b, keysA } = await pair('thief');
    a.links.send(idB, fieldsOf(FrameKind.message, 1), undefined, undefined);
    await world.runUntil(() => b.frames.length === 1);
    keysA.accepted.add(2);
    keysA.inUse = 2;
    keysA.accepted.delete(1);
    a.links.renew(isAccepted(keysA));
    expect(await world.runUntil(() => a.losses.length > 0 && b.losses.length > 0, 6_000)).toBe(true);
    expect(a.losses[0]?.loss).toMatchObject({ kind: 'lost', text: expect.stringContaining('another key') as string });
    expect([a.links.count(), b.links.count()]).toEqual([0, 0]);
    expect(b.links.send(idA, fieldsOf(FrameKind.message, 2), undefined, undefined)).not.toBe('written');
    await world.runFor(5_000);
    expect(correlations(a)).toEqual([]);
  });

  it('says why a dial fails', async () => {
    const { world, a, keysB } = await pair('other');
    keysB.accepted.clear();
    a.links.send(idB, fieldsOf(FrameKind.message, 1), undefined, undefined);
    await world.runUntil(() => a.losses.length > 0);
    expect(a.losses[0]?.loss).toMatchObject({ kind: 'unreachable' });
    expect(a.losses[0]?.loss.text).toContain('another key');
  });
});
