import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alikeIn } from '../../test/delivery/alike-frames.ts';
import { deliveredIn } from '../../test/delivery/delivered-frames.ts';
import {
  fakeCarrier,
  messageIdOf,
  messageRest,
  nodeOf,
  received,
  replyOf,
  saidIn,
  self,
} from '../../test/delivery/delivery-bed.ts';
import { type FrameFields, FrameKind } from '../protocol/frame.ts';
import { noNode } from '../protocol/ids.ts';
import { bodyBytesMax, deliveredMax } from '../protocol/limits.ts';
import type { MessageHead } from '../protocol/message-head.ts';
import { createWorld } from '../testing/world.ts';
import { bareDelivered } from './delivered-batch.ts';
import type { Delivery, DeliveryReply, ProvideOptions, Provider } from './provider.ts';
import { createProvisions } from './provisions.ts';
import { createServiceHost } from './service-host.ts';

const [n1, n2] = [nodeOf(1), nodeOf(2)];
const idempotent = 2;

interface Taken {
  readonly delivery: Delivery;
  readonly respond: (reply: DeliveryReply) => void;
  cancelled: boolean;
}

function bed() {
  const world = createWorld();
  const carrier = fakeCarrier();
  const { clock } = world.host('h').start().runtime;
  const provisions = createProvisions(
    clock,
    () => undefined,
    () => undefined,
  );
  const faults: string[] = [];
  const onOwnerFault = (where: string) => void faults.push(where);
  const host = createServiceHost({ clock, self, selfName: 'me', carrier, provisions, onOwnerFault, seed: 1 });
  const taken: Taken[] = [];
  const provide = (deliver?: (taken: Taken) => void, options: Partial<ProvideOptions> = {}) =>
    provisions.provide(
      'crm',
      {
        open: undefined,
        deliver(delivery, respond) {
          const one = { delivery, respond, cancelled: false };
          taken.push(one);
          deliver?.(one);
          return () => void (one.cancelled = true);
        },
      },
      { kinds: { messages: true, http: false, streams: false }, weight: 100, labels: {}, inFlightMax: 4, ...options },
    );
  const message = (fields: Partial<FrameFields> = {}, head: Partial<MessageHead> = {}, from = n1) =>
    host.onMessage(from, received({ kind: FrameKind.message, flags: 1, ...fields }, messageRest(head)));
  const said = () => carrier.ofKind(FrameKind.reply).map(saidIn);
  const codes = () => said().map(({ outcome, code }) => code ?? outcome);
  const inHand = () => [host.inHand(), provisions.summaries().reduce((sum, { inFlight }) => sum + inFlight, 0)];
  return { world, carrier, provisions, host, faults, taken, provide, message, said, codes, inHand };
}

describe('the host of services', () => {
  it('hands over, and replies under the same correlation to where it came from', () => {
    const { carrier, taken, provide, message, said, inHand } = bed();
    provide();
    message({ correlation: 7, deadlineMs: 500 });
    expect(taken).toMatchObject([{ delivery: { replyWanted: true, idempotent: false, deadlineMs: 500 } }]);
    expect(inHand()).toEqual([1, 1]);
    taken[0]?.respond(replyOf({ params: { a: 'b' } }));
    taken[0]?.respond(replyOf());
    expect(said()).toMatchObject([{ outcome: 'answered', service: 'crm', node: 'me', params: { a: 'b' } }]);
    expect(carrier.sent).toMatchObject([{ peer: n1, to: n1, correlation: 7 }]);
    expect(inHand()).toEqual([0, 0]);
  });

  it('[F15] replies to one-way messages of a turn by one frame, with the load that there is at its end', async () => {
    const { carrier, provisions, taken, provide, message, said, inHand } = bed();
    const provision = provide();
    for (const n of [7, 8, 260]) message({ correlation: n, flags: 0 }, { id: messageIdOf(n) });
    message({ correlation: 7, flags: 0 }, { id: messageIdOf(1) }, nodeOf(2));
    for (const { respond } of [...taken, ...taken]) respond(bareDelivered);
    expect([inHand(), carrier.sent]).toEqual([[0, 0], []]);
    provision.setLoad(0.5);
    await Promise.resolve();
    const frames = carrier.ofKind(FrameKind.delivered);
    const crm = { service: 'crm', nodes: ['me'], load: provisions.loadOf('crm') };
    expect(frames.map(({ peer, rest, correlation }) => [peer, deliveredIn(rest, correlation)])).toEqual([
      [n1, { ...crm, correlations: [7, 8, 260] }],
      [nodeOf(2), { ...crm, correlations: [7] }],
    ]);
    expect(said()).toEqual([]);
  });

  it('[F15] fills one frame, and then the next', async () => {
    const { carrier, taken, provide, message } = bed();
    provide(undefined, { inFlightMax: deliveredMax + 1 });
    for (let n = 1; n <= deliveredMax + 1; n++) message({ correlation: n, flags: 0 }, { id: messageIdOf(n) });
    for (const { respond } of taken) respond(bareDelivered);
    await Promise.resolve();
    const frames = carrier.ofKind(FrameKind.delivered);
    const counts = frames.map(({ rest, correlation }) => deliveredIn(rest, correlation).correlations.length);
    expect(counts).toEqual([deliveredMax, 1]);
  });

  it('[F11] tells a one-way message that comes again, in hand or done, that it was delivered', async () => {
    const { host, carrier, taken, provide, message, said } = bed();
    provide();
    message({ correlation: 7, flags: 0 });
    message({ correlation: 8, flags: 0 });
    taken[0]?.respond(bareDelivered);
    message({ correlation: 9, flags: 0 });
    host.stop();
    const frames = carrier.ofKind(FrameKind.delivered);
    const told = frames.flatMap(({ rest, correlation }) => deliveredIn(rest, correlation).correlations);
    expect([said().map(({ outcome }) => outcome), told, taken.length]).toEqual([['delivered'], [7, 9], 1]);
  });

  it('[F15] says nothing to who is gone', async () => {
    const { host, carrier, taken, provide, message } = bed();
    provide();
    message({ correlation: 7, flags: 0 });
    host.onPeerLost(n1);
    taken[0]?.respond(bareDelivered);
    await Promise.resolve();
    expect(carrier.sent).toEqual([]);
  });

  it('refuses what it does not serve, what is not for it, and what is late', () => {
    const { provisions, provide, message, codes, taken } = bed();
    message({ correlation: 1 });
    provide(undefined, { inFlightMax: 1 });
    message({ correlation: 2, to: nodeOf(9) }, { id: messageIdOf(2) });
    message({ correlation: 3, deadlineMs: 0 }, { id: messageIdOf(3) });
    message({ correlation: 4, to: noNode }, { id: messageIdOf(4) });
    void provisions.withdrawAll(1_000);
    message({ correlation: 6 }, { id: messageIdOf(6) });
    expect(codes()).toEqual(['no-instance', 'unreachable', 'deadline', 'draining']);
    expect(taken).toHaveLength(1);
  });

  it('[F17] refuses what is too much, by one frame for those of a turn, to each who sent it', async () => {
    const { host, carrier, provide, message, taken } = bed();
    const provision = provide(undefined, { inFlightMax: 1 });
    message({ correlation: 1 });
    const refuse = (correlation: number, peer = n1) => message({ correlation }, { id: messageIdOf(correlation) }, peer);
    for (const correlation of [2, 3]) refuse(correlation);
    for (const peer of [n2, nodeOf(3)]) refuse(4, peer);
    host.onPeerLost(nodeOf(3));
    expect(carrier.sent).toEqual([]);
    await Promise.resolve();
    provision.setLoad(0.5);
    refuse(5);
    await Promise.resolve();
    const said = carrier.ofKind(FrameKind.alike).map(({ peer, rest, correlation }) => {
      const alike = alikeIn(rest, correlation);
      if (typeof alike === 'string') return alike;
      const { outcome, code, service, node, load } = alike.reply;
      return [peer, alike.correlations, outcome, code, service, node, load];
    });
    expect(said).toEqual([
      [n1, [2, 3], 'refused', 'busy', 'crm', 'me', undefined],
      [n2, [4], 'refused', 'busy', 'crm', 'me', undefined],
      [n1, [5], 'refused', 'busy', 'crm', 'me', 0.5],
    ]);
    expect([taken.length, carrier.sent.length]).toEqual([1, 3]);
  });

  it('a provider that throws has failed the message, and nobody else', () => {
    const { taken, provide, message, codes, faults, inHand } = bed();
    provide(() => {
      if (taken.length === 1) throw new Error('bug');
    });
    message({ correlation: 1 });
    message({ correlation: 2 }, { id: messageIdOf(2) });
    taken[1]?.respond(replyOf());
    expect([codes(), faults.length, inHand()]).toEqual([['failed', 'answered'], 1, [0, 0]]);
  });

  it('one that answers and then throws has answered', () => {
    const { provide, message, codes, inHand } = bed();
    provide(({ respond }) => {
      respond(replyOf());
      throw new Error('bug');
    });
    message();
    expect([codes(), inHand()]).toEqual([['answered'], [0, 0]]);
  });

  it.each<[string, Partial<DeliveryReply>, string]>([
    ['a body of 1 MiB', { bodyKind: 'bytes', body: new Uint8Array(bodyBytesMax) }, 'answered'],
    ['one byte more', { bodyKind: 'bytes', body: new Uint8Array(bodyBytesMax + 1) }, 'too-large'],
    ['a head above 64 KiB', { params: { a: 'x'.repeat(40_000), b: 'x'.repeat(40_000) } }, 'too-large'],
    ['a parameter that cannot be', { params: { ['n'.repeat(300)]: '' } }, 'too-large'],
    ['a body of no kind', { body: new Uint8Array(5) }, 'answered'],
  ])('a reply with %s is %s, and never a frame that costs the link', (_, fields, code) => {
    const { taken, provide, message, codes } = bed();
    provide();
    message();
    taken[0]?.respond(replyOf(fields));
    expect(codes().slice(0, 1)).toEqual([code]);
  });

  it('[F11] what comes twice is executed once, in hand or done, also when all is full or draining by then', () => {
    const { provisions, taken, provide, message, codes } = bed();
    provide(undefined, { inFlightMax: 1 });
    message({ correlation: 1 });
    message({ correlation: 2 }, {}, n2);
    expect(taken).toHaveLength(1);
    taken[0]?.respond(replyOf());
    expect(codes()).toEqual(['answered', 'answered']);
    message({ correlation: 3 }, { id: messageIdOf(9) });
    message({ correlation: 4 });
    void provisions.withdrawAll(1_000);
    message({ correlation: 5 });
    expect([taken.length, codes().length]).toEqual([2, 4]);
    expect(codes().every((code) => code === 'answered')).toBe(true);
  });

  it('[F11] says at once of what comes again that it was done, where its reply finds no room', () => {
    const { carrier, taken, provide, message, said } = bed();
    provide();
    message({ correlation: 1 });
    message({ correlation: 2 }, {}, n2);
    // The first try of each reply to n2 is one too many, and what has no body goes nevertheless.
    let tries = 0;
    carrier.result = (peer) => (peer === n2 && ++tries % 2 === 1 ? 'busy' : 'written');
    taken[0]?.respond(replyOf({ bodyKind: 'bytes', body: Uint8Array.of(1, 2) }));
    message({ correlation: 3 }, {}, n2);
    expect(carrier.ofKind(FrameKind.reply).map(({ peer, correlation }) => [peer, correlation])).toEqual([
      [n2, 2],
      [n1, 1],
      [n2, 3],
    ]);
    expect(said().map(({ outcome, code, body }) => [outcome, code, [...body]])).toEqual([
      ['refused', 'duplicate', []],
      ['answered', undefined, [1, 2]],
      ['refused', 'duplicate', []],
    ]);
    expect(taken).toHaveLength(1);
  });

  it('has nothing in hand of what is answered at once, unless the answer finds no room', () => {
    const { host, carrier, provide, message } = bed();
    provide(({ respond }) => respond(replyOf()));
    message({ correlation: 1 });
    expect(host.inHand()).toBe(0);
    carrier.result = () => 'busy';
    message({ correlation: 2 }, { id: messageIdOf(2) });
    expect(host.inHand()).toBe(1);
    carrier.result = () => 'written';
    host.onDrain(n1);
    expect([host.inHand(), carrier.ofKind(FrameKind.reply).length]).toEqual([0, 2]);
  });

  it('[F11] what was refused without being executed may come again', () => {
    const { taken, provide, message, codes } = bed();
    provide();
    message({ correlation: 1 });
    taken[0]?.respond(replyOf({ outcome: 'refused', code: 'busy' }));
    message({ correlation: 2 });
    expect([taken.length, codes()]).toEqual([2, ['busy']]);
  });

  it('given up idempotent work may come again at once; other work is waited for', () => {
    const { host, taken, provide, message, codes } = bed();
    provide();
    message({ correlation: 1, flags: idempotent });
    message({ correlation: 2 }, { id: messageIdOf(2) });
    host.onPeerLost(n1);
    expect(taken.map(({ cancelled }) => cancelled)).toEqual([true, true]);
    message({ correlation: 1, flags: idempotent });
    message({ correlation: 2 }, { id: messageIdOf(2) });
    expect(taken).toHaveLength(3);
    taken[1]?.respond(replyOf());
    expect(codes()).toEqual(['answered']);
  });

  it('a cancel, the deadline and the loss of the peer give up what is in hand, once', async () => {
    const { world, host, taken, provide, message, inHand, codes } = bed();
    provide();
    message({ correlation: 1, deadlineMs: 100 }, { id: messageIdOf(1) });
    message({ correlation: 2 }, { id: messageIdOf(2) });
    message({ correlation: 3 }, { id: messageIdOf(3) });
    host.onCancel(n2, 2);
    expect(inHand()).toEqual([3, 3]);
    host.onCancel(n1, 2);
    await world.runFor(110);
    host.onPeerLost(n1);
    host.onPeerLost(n1);
    for (const one of taken) one.respond(replyOf());
    expect([inHand(), codes(), taken.every(({ cancelled }) => cancelled)]).toEqual([[0, 0], [], true]);
  });

  it('a correlation that is in use is a fault, and what is in hand stays what it is', () => {
    const { host, taken, provide, message, inHand } = bed();
    provide();
    expect(message({ correlation: 1 })).toBeUndefined();
    expect(message({ correlation: 1 }, { id: messageIdOf(2) })).toContain('in use');
    expect(message({ correlation: 1 }, { id: messageIdOf(3) }, n2)).toBeUndefined();
    host.onPeerLost(n1);
    expect([taken.length, inHand()]).toEqual([2, [1, 1]]);
  });

  it('a reply that finds no room keeps its place in hand until there is room', () => {
    const { carrier, host, taken, provide, message, codes, inHand } = bed();
    provide(undefined, { inFlightMax: 2 });
    carrier.result = (_, { kind }) => (kind === FrameKind.reply ? 'busy' : 'written');
    message({ correlation: 1 });
    message({ correlation: 2 }, { id: messageIdOf(2) });
    for (const one of taken) one.respond(replyOf());
    expect([inHand(), codes()]).toEqual([[2, 2], []]);
    host.onDrain(n1);
    expect(inHand()).toEqual([2, 2]);
    carrier.result = () => 'pressed';
    host.onDrain(n1);
    expect([inHand(), codes()]).toEqual([
      [0, 0],
      ['answered', 'answered'],
    ]);
  });

  it('has a provider that can answer the work itself; only its first word counts', () => {
    const { provisions, message, said, inHand } = bed();
    const answered: unknown[] = [];
    const provider: Provider = {
      open: undefined,
      deliver: () => expect.fail('it takes'),
      take({ head, body }, to) {
        answered.push([head.id, head.command, [...body]]);
        to.respond(replyOf());
        to.respond(bareDelivered);
        return () => expect.fail('it has answered');
      },
    };
    const kinds = { messages: true, http: false, streams: false };
    provisions.provide('crm', provider, { kinds, weight: 1, labels: {}, inFlightMax: 4 });
    message({ correlation: 1 }, { id: messageIdOf(3), command: 'get' });
    expect([answered, said().map(({ outcome }) => outcome), inHand()]).toEqual([
      [[messageIdOf(3), 'get', []]],
      ['answered'],
      [0, 0],
    ]);
  });

  it('stop gives all up, one provider that throws at that notwithstanding', () => {
    const { provisions, host, taken, provide, message, faults, inHand } = bed();
    provisions.provide(
      'erp',
      {
        open: undefined,
        deliver: () => () => {
          throw new Error('bug');
        },
      },
      { kinds: { messages: true, http: false, streams: false }, weight: 1, labels: {}, inFlightMax: 4 },
    );
    provide();
    message({ correlation: 1 }, { service: 'erp' });
    message({ correlation: 2 }, { id: messageIdOf(2) });
    host.stop();
    expect([taken[0]?.cancelled, faults.length, inHand()]).toEqual([true, 1, [0, 0]]);
  });

  it('is total on whatever bytes a peer sends', () => {
    const { host, provide, inHand } = bed();
    provide(({ respond }) => respond(replyOf()));
    const valid = messageRest();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(valid.length), fc.nat(), (junk, cut, correlation) => {
        const rest = Buffer.concat([valid.subarray(0, cut), junk]);
        const fault = host.onMessage(n1, received({ kind: FrameKind.message, correlation }, rest));
        expect(fault === undefined || fault.startsWith('bad message')).toBe(true);
      }),
    );
    expect(inHand()).toEqual([0, 0]);
  });
});
