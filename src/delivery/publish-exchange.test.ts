import { describe, expect, it } from 'vitest';
import {
  askedIn,
  deliveredFrame,
  fakeCarrier,
  fakeChooser,
  messageIdOf,
  messageRest,
  nodeOf,
  replyFrame,
  requestOf,
  self,
} from '../../test/delivery/delivery-bed.ts';
import { manualClock } from '../../test/delivery/manual-clock.ts';
import { FrameFlag, FrameKind } from '../protocol/frame.ts';
import { noNode } from '../protocol/ids.ts';
import { exchangesMax } from '../protocol/limits.ts';
import { decodeMessageHead } from '../protocol/message-head.ts';
import { noTexts } from '../protocol/text-record.ts';
import type { ExchangeRequest } from './exchange-request.ts';
import { createExchanges } from './exchanges.ts';
import { MessageIds } from './message-ids.ts';
import { createPublisher } from './publish-exchange.ts';
import { bytesMaxOf, runBytesMax } from './publish-run.ts';
import type { PublishSettlement } from './publish-settlement.ts';

function bed(fields: Partial<ExchangeRequest>, count = 3, ids?: MessageIds) {
  const clock = manualClock();
  const carrier = fakeCarrier();
  const chooser = fakeChooser(Array.from({ length: count }, (_, i) => nodeOf(i + 1)));
  const newMessageId = () => ids?.next() ?? messageIdOf(7);
  const onOwnerFault = () => undefined;
  const exchanges = createExchanges({ clock, self, selfName: 'me', carrier, chooser, newMessageId, onOwnerFault });
  const told: PublishSettlement[] = [];
  const publisher = createPublisher({
    clock,
    exchanges,
    chooser,
    newMessageId,
    newIdBytes: ids?.lastBytes,
    selfName: 'me',
  });
  /** Returns how to give it up, once the turn is over. */
  const publish = async (more: Partial<ExchangeRequest> = {}) => {
    const giveUp = publisher(requestOf({ ...fields, ...more }), (settlement) => told.push(settlement));
    await Promise.resolve();
    return giveUp;
  };
  /** The instance on node `number` says that it has it, or what else it says. */
  const answer = (number: number, reply: Parameters<typeof replyFrame>[1] = { outcome: 'delivered' }) => {
    const frame = carrier.ofKind(FrameKind.message).find(({ peer }) => peer === nodeOf(number));
    exchanges.onReply(nodeOf(number), replyFrame(frame?.correlation ?? 0, reply));
  };
  return { clock, chooser, carrier, exchanges, told, publish, answer };
}

describe('publishing', () => {
  it('[F18] sends every instance the same frame, which names them all, or whoever is at the other end', async () => {
    const { carrier, publish } = bed({ bodyKind: 'bytes', body: new Uint8Array([1, 2, 3]), params: { a: 'b' } });
    await publish();
    const frames = carrier.ofKind(FrameKind.message);
    expect(frames.map(({ peer, to }) => [peer, to])).toEqual([1, 2, 3].map((n) => [nodeOf(n), noNode]));
    expect(new Set(frames.map(({ correlation }) => correlation)).size).toBe(1);
    expect(new Set(frames.map(({ rest }) => Buffer.from(rest).toString('hex'))).size).toBe(1);
    expect(frames.map(({ flags }) => flags)).toEqual([FrameFlag.publish, FrameFlag.publish, FrameFlag.publish]);
    const { rest } = frames[0] ?? { rest: new Uint8Array(0) };
    const decoded = decodeMessageHead(rest, 0, rest.length);
    expect(decoded).toMatchObject({
      head: {
        id: messageIdOf(7),
        service: 'crm',
        node: '*',
        command: 'GET',
        fromNode: 'me',
        params: { a: 'b' },
        attempt: 0,
      },
    });
    expect([...rest.subarray(decoded.ok ? decoded.bodyStart : 0)]).toEqual([1, 2, 3]);
  });

  it.each([1_024, 1_025])('sends a body of %i bytes as it is, short or not', async (length) => {
    const body = Uint8Array.from({ length }, (_, i) => i);
    const { carrier, publish } = bed({ bodyKind: 'bytes', body, params: noTexts }, 2);
    await publish();
    await publish();
    const bodies = carrier.ofKind(FrameKind.message).map(({ rest }) => {
      const decoded = decodeMessageHead(rest, 0, rest.length);
      return rest.subarray(decoded.ok ? decoded.bodyStart : 0);
    });
    expect(bodies.map((each) => Buffer.compare(each, body))).toEqual([0, 0, 0, 0]);
  });

  it('bears an id of its own, also where the rest of its head is that of the one before', async () => {
    const ids = new MessageIds({ next: () => 0, bytes: (count) => new Uint8Array(count).fill(9) });
    const { carrier, told, publish, answer } = bed({ params: noTexts }, 1, ids);
    const given = messageIdOf(77);
    await publish();
    answer(1);
    carrier.sent.length = 0;
    await publish();
    answer(1);
    await publish({ id: given });
    const sent = carrier.ofKind(FrameKind.message).map((frame) => askedIn(frame).id);
    expect(told.map(({ id }) => id)).toEqual(['0909090909090909'.padEnd(31, '0') + 1, sent[0]]);
    expect(sent).toEqual(['0909090909090909'.padEnd(31, '0') + 2, given]);
  });

  it('tells what became of it at each instance, once, when the last has said so', async () => {
    const { clock, told, publish, answer } = bed({});
    await publish();
    clock.advance(3);
    answer(2);
    answer(1, { outcome: 'refused', code: 'invalid', reason: 'no' });
    expect(told).toEqual([]);
    clock.advance(4);
    answer(3, { outcome: 'answered' });
    answer(3);
    expect(told).toEqual([
      {
        id: messageIdOf(7),
        elapsedMs: 7,
        isDelivered: false,
        instances: [
          { service: 'crm', node: 'n1', outcome: 'refused', code: 'invalid', reason: 'no' },
          { service: 'crm', node: 'n2', outcome: 'delivered' },
          { service: 'crm', node: 'n3', outcome: 'delivered' },
        ],
      },
    ]);
  });

  it('[F15] says of all that have it the same, whether each said so alone or with others', async () => {
    const { chooser, carrier, exchanges, told, publish, answer } = bed({}, 2);
    const same = chooser.nodes.map((node) => chooser.every({ service: 'crm', node }, 'messages')).at(0) ?? [];
    chooser.every = () => same;
    await publish();
    await publish();
    answer(1);
    const toFirst = carrier.ofKind(FrameKind.message).filter(({ peer }) => peer === nodeOf(1));
    expect(exchanges.onDelivered(nodeOf(1), deliveredFrame([toFirst[1]?.correlation ?? 0]))).toBeUndefined();
    const toSecond = carrier.ofKind(FrameKind.message).filter(({ peer }) => peer === nodeOf(2));
    const correlations = toSecond.map(({ correlation }) => correlation);
    exchanges.onDelivered(nodeOf(2), deliveredFrame(correlations));
    const instances = ['n1', 'n2'].map((node) => ({ service: 'crm', node, outcome: 'delivered' }));
    expect(told).toMatchObject([
      { instances, isDelivered: true },
      { instances, isDelivered: true },
    ]);
    expect(told[0]?.instances).toBe(told[1]?.instances);
  });

  it('[F17] says the same where one refuses again and again, and another thing where it says another', async () => {
    const { chooser, carrier, exchanges, told, publish } = bed({}, 2);
    const same = chooser.every({ service: 'crm', node: '*' }, 'messages');
    chooser.every = () => same;
    const reasons = ['full', 'full', 'asleep', ''];
    for (const reason of reasons) {
      await publish();
      const [first, second] = carrier.sent.splice(0).map(({ correlation }) => correlation);
      exchanges.onReply(nodeOf(1), replyFrame(first ?? 0, { outcome: 'delivered' }));
      const refusal = { outcome: 'refused', code: 'busy', reason } as const;
      const reply = reason === '' ? ({ outcome: 'delivered' } as const) : refusal;
      exchanges.onReply(nodeOf(2), replyFrame(second ?? 0, reply));
    }
    const [once, again, other, delivered] = told.map(({ instances }) => instances);
    expect(again).toBe(once);
    // Programs share it.
    expect(once?.every((each) => Object.isFrozen(each))).toBe(true);
    expect(other).not.toBe(once);
    const ofSecond = { service: 'crm', node: 'n2', outcome: 'refused', code: 'busy' };
    expect([once?.[1], other?.[1]]).toEqual([
      { ...ofSecond, reason: 'full' },
      { ...ofSecond, reason: 'asleep' },
    ]);
    expect([delivered?.[1]?.outcome, told.at(-1)?.isDelivered]).toEqual(['delivered', true]);
  });

  it('tries one whose link broke again, as its second attempt, and the others not', async () => {
    const { clock, carrier, exchanges, told, publish, answer } = bed({ idempotent: true }, 2);
    await publish();
    exchanges.onPeerLost(nodeOf(1), { reached: true, text: 'cut' });
    answer(2);
    clock.advance(100);
    const attempts = carrier.ofKind(FrameKind.message).map(({ peer, rest }) => {
      const decoded = decodeMessageHead(rest, 0, rest.length);
      return [peer, decoded.ok ? decoded.head.attempt : -1];
    });
    expect(attempts).toEqual([
      [nodeOf(1), 0],
      [nodeOf(2), 0],
      [nodeOf(1), 1],
    ]);
    const again = carrier.ofKind(FrameKind.message).at(-1)?.correlation ?? 0;
    exchanges.onReply(nodeOf(1), replyFrame(again, { outcome: 'delivered' }));
    expect(told).toMatchObject([{ isDelivered: true, instances: [{ node: 'n1' }, { node: 'n2' }] }]);
  });

  it('says of each instance why it cannot be written', async () => {
    const { told, publish } = bed({ command: 'no command' });
    await publish();
    expect(told[0]?.instances.map(({ outcome, code }) => [outcome, code])).toEqual(
      Array.from({ length: 3 }, () => ['refused', 'invalid']),
    );
  });

  it('is settled at once where there is nobody, and given up at those that have not answered', async () => {
    const none = bed({}, 0);
    await none.publish();
    expect(none.told).toEqual([{ id: messageIdOf(7), elapsedMs: 0, instances: [], isDelivered: false }]);
    const { carrier, told, publish, answer } = bed({}, 2);
    const cancel = await publish();
    answer(1);
    cancel();
    expect(carrier.ofKind(FrameKind.cancel).map(({ peer }) => peer)).toEqual([nodeOf(2)]);
    expect(told[0]?.instances).toMatchObject([{ outcome: 'delivered' }, { outcome: 'unknown', code: 'cancelled' }]);
  });

  it('[F18] is one frame after the other for each link, in the order of their beginning', async () => {
    const { chooser, carrier, exchanges, publish } = bed({ params: noTexts }, 2);
    const same = chooser.every({ service: 'crm', node: '*' }, 'messages');
    chooser.every = () => same;
    const bodies = [1, 1_025, 2, 3].map((length) => new Uint8Array(length).fill(length));
    const all = bodies.map((body) => publish({ bodyKind: 'bytes', body }));
    expect(carrier.sent.length).toBe(4);
    // Nothing overtakes what waits for the end of the turn.
    exchanges.begin(requestOf({ to: { service: 'crm', node: 'n1' } }), undefined, () => undefined);
    await Promise.all(all);
    const lengths = [1, 2].map((n) =>
      carrier.sent.filter(({ peer }) => peer === nodeOf(n)).map((frame) => frame.rest.length - headBytesIn(frame.rest)),
    );
    expect(lengths).toEqual([
      [1, 1_025, 2, 3, 0],
      [1, 1_025, 2, 3],
    ]);
    expect(exchanges.inFlight()).toBe(9);
  });

  it.each([
    ['at the end of the turn', runBytesMax, noNode, 0],
    ['at once, and to each by itself', runBytesMax + 1, nodeOf(1), 1],
  ])('goes %s where it takes %i bytes at most', async (_, frameBytes, to, sentAtOnce) => {
    const { carrier, publish } = bed({}, 1);
    const rest = new Uint8Array(frameBytes - bytesMaxOf(0));
    rest.set(messageRest({ bodyKind: 'bytes' }));
    const headBytes = messageRest().length;
    const published = publish({
      id: messageIdOf(5),
      encoded: { rest, headBytes, pass: () => undefined, delivered: () => undefined },
    });
    expect(carrier.sent.length).toBe(sentAtOnce);
    await published;
    expect(carrier.sent.map((frame) => [frame.to, frame.rest.length])).toEqual([[to, rest.length]]);
  });

  it('tells of each that could not be sent to one of them why, and has sent it to the others', async () => {
    const { carrier, exchanges, told, publish, answer } = bed({}, 3);
    carrier.result = (peer) => (peer === nodeOf(1) ? 'busy' : peer === nodeOf(2) ? 'unreachable' : 'pressed');
    await publish();
    expect(told).toEqual([]);
    answer(3);
    expect(told[0]?.instances).toMatchObject([
      { outcome: 'refused', code: 'busy' },
      { outcome: 'refused', code: 'unreachable' },
      { outcome: 'delivered' },
    ]);
    expect(exchanges.inFlight()).toBe(0);
  });

  it('waits for a link, and is certainly not executed where there comes none', async () => {
    const { carrier, exchanges, told, publish, answer } = bed({}, 3);
    carrier.result = (peer) => (peer === nodeOf(1) ? 'written' : 'held');
    await publish();
    expect(carrier.ofKind(FrameKind.message).map(({ to }) => to)).toEqual([noNode, nodeOf(2), nodeOf(3)]);
    exchanges.onPeerUp(nodeOf(2));
    for (const number of [2, 3]) exchanges.onPeerLost(nodeOf(number), { reached: true, text: 'cut' });
    answer(1);
    expect(told[0]?.instances.map(({ outcome, code }) => [outcome, code])).toEqual([
      ['delivered', undefined],
      ['unknown', 'link-lost'],
      ['refused', 'unreachable'],
    ]);
  });

  it('has a deadline for all, which is told to those who have not answered', async () => {
    const { clock, carrier, exchanges, told, publish, answer } = bed({ deadlineMs: 50 }, 2);
    await publish();
    const [sent] = carrier.ofKind(FrameKind.message);
    answer(1);
    clock.advance(60);
    expect(carrier.ofKind(FrameKind.cancel)).toMatchObject([{ peer: nodeOf(2), correlation: sent?.correlation }]);
    expect(told[0]?.instances).toMatchObject([{ outcome: 'delivered' }, { outcome: 'unknown', code: 'deadline' }]);
    answer(2);
    expect([exchanges.inFlight(), exchanges.strayReplies()]).toEqual([0, 1]);
  });

  it('[F6] heeds no word of a node that it did not go to, and none twice', async () => {
    const { carrier, exchanges, told, publish } = bed({}, 2);
    await publish();
    const { correlation = 0 } = carrier.sent[0] ?? {};
    for (const number of [3, 1, 1]) exchanges.onDelivered(nodeOf(number), deliveredFrame([correlation], `n${number}`));
    exchanges.onReply(nodeOf(1), replyFrame(correlation, { outcome: 'delivered' }));
    expect([told.length, exchanges.strayReplies(), exchanges.inFlight()]).toEqual([0, 3, 1]);
    exchanges.stop();
    expect(told[0]?.instances).toMatchObject([{ outcome: 'delivered' }, { outcome: 'unknown', code: 'closed' }]);
  });

  it('takes no more of the exchanges in flight than there may be', async () => {
    const { told, exchanges, publish } = bed({}, 2);
    for (let i = 0; i < exchangesMax - 1; i++) exchanges.begin(requestOf(), undefined, () => undefined);
    await publish();
    expect(exchanges.inFlight()).toBe(exchangesMax);
    exchanges.stop();
    expect(told[0]?.instances).toMatchObject([
      { outcome: 'unknown', code: 'closed' },
      { outcome: 'refused', code: 'busy' },
    ]);
  });
});

function headBytesIn(rest: Uint8Array): number {
  const decoded = decodeMessageHead(rest, 0, rest.length);
  return decoded.ok ? decoded.bodyStart : Number.NaN;
}
