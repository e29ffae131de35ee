import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  askedIn,
  fakeCarrier,
  fakeChooser,
  messageIdOf,
  nodeOf,
  received,
  replyFrame,
  requestOf,
  self,
} from '../../test/delivery/delivery-bed.ts';
import { FrameKind } from '../protocol/frame.ts';
import { bodyBytesMax, exchangesMax } from '../protocol/limits.ts';
import { createWorld } from '../testing/world.ts';
import type { ExchangeRequest } from './exchange-request.ts';
import { createExchanges } from './exchanges.ts';
import type { Settlement } from './settlement.ts';

function bed(nodeCount = 2) {
  const world = createWorld();
  const carrier = fakeCarrier();
  const chooser = fakeChooser(Array.from({ length: nodeCount }, (_, i) => nodeOf(i + 1)));
  const faults: string[] = [];
  let ids = 0;
  const { clock } = world.host('h').start().runtime;
  const exchanges = createExchanges({
    clock,
    self,
    selfName: 'me',
    carrier,
    chooser,
    newMessageId: () => messageIdOf(++ids),
    onOwnerFault: (where) => void faults.push(where),
  });
  const settled: Settlement[] = [];
  const begin = (fields: Partial<ExchangeRequest> = {}) =>
    exchanges.begin(requestOf(fields), undefined, (settlement) => void settled.push(settlement));
  const messages = () => carrier.ofKind(FrameKind.message);
  const inFlight = () => [...chooser.chosen.values()].map(({ track }) => track.inFlight);
  return { world, carrier, chooser, exchanges, settled, faults, begin, messages, inFlight };
}

const lost = { reached: true, text: 'gone' };
const never = { reached: false, text: 'refused' };
const [n1, n2] = [nodeOf(1), nodeOf(2)];

describe('an exchange', () => {
  it('[F6] is settled by the reply with its correlation from the node that has it, and by no other', () => {
    const { exchanges, settled, begin, messages, inFlight } = bed();
    begin();
    const [sent] = messages();
    const correlation = sent?.correlation ?? 0;
    exchanges.onReply(n2, replyFrame(correlation));
    exchanges.onReply(n1, replyFrame(correlation + 1));
    expect([settled, exchanges.strayReplies()]).toEqual([[], 2]);
    exchanges.onReply(n1, replyFrame(correlation, {}, new Uint8Array([7])));
    exchanges.onReply(n1, replyFrame(correlation));
    expect(settled).toMatchObject([{ outcome: 'answered', instance: { service: 'crm', node: 'n1' } }]);
    expect([[...(settled[0]?.body ?? [])], exchanges.strayReplies(), inFlight()]).toEqual([[7], 3, [0]]);
    expect(sent).toMatchObject({ to: n1, from: self, deadlineMs: 1_000 });
  });

  it.each(['no-instance', 'unreachable', 'busy', 'draining'] as const)(
    'refused(%s) was not executed: it is tried elsewhere, whether idempotent or not',
    (code) => {
      const { exchanges, settled, begin, messages } = bed();
      begin();
      exchanges.onReply(n1, replyFrame(1, { outcome: 'refused', code }));
      expect(messages().map((frame) => [frame.peer, askedIn(frame).attempt])).toEqual([
        [n1, 0],
        [n2, 1],
      ]);
      exchanges.onReply(n2, replyFrame(1, { outcome: 'refused', code }));
      expect(settled).toMatchObject([{ outcome: 'refused', code, instance: undefined }]);
      expect(settled[0]?.tried.map(({ node }) => node)).toEqual(['n1', 'n2']);
    },
  );

  it('a link lost under it: not idempotent is unknown at once, idempotent goes elsewhere', () => {
    const { exchanges, settled, begin, messages } = bed();
    begin();
    begin({ idempotent: true });
    exchanges.onPeerLost(n1, lost);
    expect(settled).toMatchObject([{ outcome: 'unknown', code: 'link-lost' }]);
    expect(messages().map(({ peer }) => peer)).toEqual([n1, n1, n2]);
  });

  it('what was held and never written is tried elsewhere, not idempotent too', () => {
    const { exchanges, carrier, settled, begin, messages } = bed();
    carrier.result = (peer) => (peer === n1 ? 'held' : 'written');
    begin();
    exchanges.onPeerLost(n1, never);
    expect([messages().map(({ peer }) => peer), settled]).toEqual([[n1, n2], []]);
  });

  it('what was held and then written is not', () => {
    const { exchanges, carrier, settled, begin } = bed();
    carrier.result = () => 'held';
    begin();
    exchanges.onPeerUp(n1);
    exchanges.onPeerLost(n1, lost);
    expect(settled).toMatchObject([{ outcome: 'unknown', code: 'link-lost' }]);
  });

  it('gives the only instance a second chance after its link was lost', async () => {
    const { world, exchanges, settled, begin, messages } = bed(1);
    begin({ idempotent: true });
    exchanges.onPeerLost(n1, lost);
    expect(messages()).toHaveLength(1);
    await world.runFor(110);
    expect(messages()).toHaveLength(2);
    exchanges.onReply(n1, replyFrame(1));
    expect(settled).toMatchObject([{ outcome: 'answered' }]);
  });

  it('what may have been done at one instance is unknown, also when the next one only was busy', () => {
    const { exchanges, settled, begin } = bed();
    begin({ idempotent: true });
    exchanges.onPeerLost(n1, lost);
    exchanges.onReply(n2, replyFrame(1, { outcome: 'refused', code: 'busy' }));
    expect(settled).toMatchObject([{ outcome: 'unknown', code: 'link-lost' }]);
  });

  it('tries four instances and no fifth', () => {
    const { carrier, settled, begin } = bed(6);
    let asked = 0;
    carrier.result = () => {
      asked += 1;
      return 'busy';
    };
    begin();
    expect([asked, settled[0]?.outcome, settled[0]?.code, settled[0]?.tried.length]).toEqual([4, 'refused', 'busy', 4]);
  });

  it('without an instance is refused before begin returns', () => {
    const { settled, begin } = bed(0);
    begin();
    expect(settled).toMatchObject([{ outcome: 'refused', code: 'no-instance' }]);
  });

  it.each([
    [false, 'written', 'unknown'],
    [true, 'written', 'expired'],
    [false, 'held', 'expired'],
  ] as const)('past its deadline (idempotent %s, %s) is %s', async (idempotent, result, outcome) => {
    const { world, chooser, carrier, settled, begin, inFlight } = bed();
    carrier.result = () => result;
    begin({ idempotent, deadlineMs: 100 });
    await world.runFor(99);
    expect(settled).toEqual([]);
    await world.runFor(10);
    expect(settled).toMatchObject([{ outcome, code: 'deadline' }]);
    // A frozen program breaks no connection: the next choice must know that this one let a deadline pass.
    expect(chooser.chosen.get(n1)?.track.failedAt).toBeGreaterThanOrEqual(100);
    expect([carrier.ofKind(FrameKind.cancel).length, inFlight()]).toEqual([1, [0]]);
  });

  it.each([
    ['written', 'unknown'],
    ['pressed', 'unknown'],
    ['held', 'refused'],
  ] as const)('given up tells the instance, and settles once: what was %s is %s', (result, outcome) => {
    const { carrier, exchanges, settled, begin } = bed();
    carrier.result = () => result;
    const cancel = begin();
    cancel();
    cancel();
    exchanges.onReply(n1, replyFrame(1));
    expect(settled).toMatchObject([{ outcome, code: 'cancelled' }]);
    expect(carrier.ofKind(FrameKind.cancel)).toMatchObject([{ peer: n1, correlation: 1 }]);
  });

  it('a body of 1 MiB goes, one byte more is refused', () => {
    const { settled, begin, messages } = bed();
    begin({ body: new Uint8Array(bodyBytesMax), bodyKind: 'bytes' });
    expect([messages().length, settled.length]).toEqual([1, 0]);
    begin({ body: new Uint8Array(bodyBytesMax + 1), bodyKind: 'bytes' });
    expect(settled).toMatchObject([{ outcome: 'refused', code: 'too-large' }]);
  });

  it('what cannot be written is refused and costs nothing', () => {
    const { settled, begin, inFlight } = bed();
    begin({ command: 'no good' });
    begin({ params: Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`p${i}`, ''])) });
    expect(settled.map(({ code }) => code)).toEqual(['invalid', 'too-large']);
    expect(inFlight()).toEqual([0]);
  });

  it('a malformed reply is a fault, a reply without a code or an instance is put right', () => {
    const { exchanges, settled, begin } = bed();
    begin();
    begin();
    expect(exchanges.onReply(n1, received({ correlation: 1 }, new Uint8Array(3)))).toContain('bad reply');
    exchanges.onReply(n1, replyFrame(1, { outcome: 'expired', service: '', node: '' }));
    exchanges.onReply(n1, replyFrame(3, { outcome: 'answered', code: 'busy' }));
    expect(settled).toMatchObject([
      { outcome: 'expired', code: 'deadline', instance: undefined },
      { outcome: 'answered', code: undefined },
    ]);
  });

  it('in flight are at most 65,536', () => {
    const { exchanges, settled, begin } = bed(1);
    for (let i = 0; i < exchangesMax; i++) begin();
    expect([exchanges.inFlight(), settled]).toEqual([exchangesMax, []]);
    begin();
    expect(settled).toMatchObject([{ outcome: 'refused', code: 'busy' }]);
    exchanges.onReply(n1, replyFrame(5));
    begin();
    expect([exchanges.inFlight(), settled.length]).toEqual([exchangesMax, 2]);
  });

  it('begun when another one is settled, or by an owner that then throws, harms nobody', () => {
    const { exchanges, settled, faults, begin } = bed();
    for (let i = 0; i < 3; i++) {
      exchanges.begin(requestOf(), undefined, () => {
        begin();
        throw new Error('owner');
      });
    }
    exchanges.onPeerLost(n1, lost);
    expect([faults.length, exchanges.inFlight(), settled.length]).toEqual([3, 3, 0]);
  });

  it('stop settles all, what may have been executed as unknown, and nothing begins after it', async () => {
    const { world, carrier, exchanges, settled, begin } = bed();
    begin();
    // It may be done again, but nobody says that it was not.
    begin({ idempotent: true });
    carrier.result = () => 'held';
    begin();
    exchanges.stop();
    begin();
    expect(settled.map(({ outcome, code }) => `${outcome}(${code})`)).toEqual([
      'unknown(closed)',
      'unknown(closed)',
      'refused(closed)',
      'refused(closed)',
    ]);
    await world.runFor(10_000);
    expect([settled.length, exchanges.inFlight()]).toEqual([4, 0]);
  });

  it('whatever happens: each settles exactly once, and none that is not idempotent is written twice', async () => {
    const kinds = [
      'begin',
      'beginTwice',
      'reply',
      'refuse',
      'lost',
      'never',
      'up',
      'held',
      'busy',
      'wait',
      'cancel',
    ] as const;
    const step = fc.record({ kind: fc.constantFrom(...kinds), node: fc.constantFrom(n1, n2), pick: fc.nat(9) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { world, carrier, exchanges, chooser } = bed();
        const counts: number[] = [];
        const cancels: (() => void)[] = [];
        const written = new Map<string, number>();
        const held = new Map<string, string[]>();
        const write = (id: string) => written.set(id, (written.get(id) ?? 0) + 1);
        const seen = { at: 0 };
        // What was held is written when its peer comes up, and was not when it never did.
        const settleHeld = () => {
          for (const frame of carrier.sent.slice(seen.at)) {
            if (frame.kind !== FrameKind.message) continue;
            const { id } = askedIn(frame);
            if (modes.get(frame.peer) === 'held') held.set(frame.peer, [...(held.get(frame.peer) ?? []), id]);
            else write(id);
          }
          seen.at = carrier.sent.length;
        };
        const modes = new Map<string, 'written' | 'held' | 'busy'>();
        carrier.result = (peer) => modes.get(peer) ?? 'written';
        const begin = (idempotent: boolean) => {
          const at = counts.push(0) - 1;
          const request = requestOf({ idempotent, id: messageIdOf(idempotent ? 1_000 + at : at), deadlineMs: 50 });
          cancels.push(exchanges.begin(request, undefined, () => void (counts[at] = (counts[at] ?? 0) + 1)));
        };
        for (const { kind, node, pick } of steps) {
          if (kind === 'begin') begin(false);
          if (kind === 'beginTwice') begin(true);
          if (kind === 'reply') exchanges.onReply(node, replyFrame(pick));
          if (kind === 'refuse') exchanges.onReply(node, replyFrame(pick, { outcome: 'refused', code: 'busy' }));
          // Only who executed may say that it did not: an honest peer refuses what it was given once.
          if (kind === 'refuse') written.clear();
          if (kind === 'up' || (kind === 'lost' && modes.get(node) === 'held')) {
            for (const id of held.get(node) ?? []) write(id);
            held.delete(node);
            modes.set(node, 'written');
            exchanges.onPeerUp(node);
          }
          if (kind === 'lost') exchanges.onPeerLost(node, lost);
          if (kind === 'never' && modes.get(node) === 'held') {
            held.delete(node);
            exchanges.onPeerLost(node, never);
          }
          if (kind === 'held' && modes.get(node) !== 'held') {
            exchanges.onPeerLost(node, lost);
            settleHeld();
            modes.set(node, 'held');
          }
          if (kind === 'busy' && modes.get(node) !== 'held') modes.set(node, 'busy');
          if (kind === 'wait') await world.runFor(pick * 10);
          if (kind === 'cancel') cancels[pick]?.();
          settleHeld();
        }
        await world.runFor(1_000);
        expect(counts.every((count) => count === 1)).toBe(true);
        for (const [id, count] of written) if (Number.parseInt(id, 16) < 1_000) expect(count).toBe(1);
        expect([...chooser.chosen.values()].every(({ track }) => track.inFlight === 0)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});
