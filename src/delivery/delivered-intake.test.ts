import { describe, expect, it } from 'vitest';
import { deliveredRest } from '../../test/delivery/delivered-frames.ts';
import {
  deliveredFrame,
  fakeCarrier,
  fakeChooser,
  messageIdOf,
  nodeOf,
  received,
  replyFrame,
  requestOf,
  self,
} from '../../test/delivery/delivery-bed.ts';
import { manualClock } from '../../test/delivery/manual-clock.ts';
import { FrameKind } from '../protocol/frame.ts';
import type { ExchangeRequest } from './exchange-request.ts';
import { createExchanges } from './exchanges.ts';
import type { Settlement } from './settlement.ts';

const [n1, n2] = [nodeOf(1), nodeOf(2)];

function bed() {
  const clock = manualClock();
  const carrier = fakeCarrier();
  const loads: unknown[] = [];
  const faults: string[] = [];
  const chooser = { ...fakeChooser([n1, n2]), noteLoad: (...load: unknown[]) => void loads.push(load) };
  let ids = 0;
  const newMessageId = () => messageIdOf(++ids);
  const onOwnerFault = (where: string) => void faults.push(where);
  const exchanges = createExchanges({ clock, self, selfName: 'me', carrier, chooser, newMessageId, onOwnerFault });
  const settled: Settlement[] = [];
  const send = (fields: Partial<ExchangeRequest> = {}) =>
    exchanges.begin(requestOf({ replyWanted: false, ...fields }), undefined, (settlement) => settled.push(settlement));
  const correlations = () => carrier.ofKind(FrameKind.message).map(({ correlation }) => correlation);
  return { clock, exchanges, loads, faults, settled, send, correlations };
}

describe('[F15] a delivered frame', () => {
  it('settles each message it names, once, and notes the load once', () => {
    const { clock, exchanges, loads, settled, send, correlations } = bed();
    for (let i = 0; i < 3; i++) send();
    clock.advance(5);
    const [a = 0, b = 0, c = 0] = correlations();
    expect(exchanges.onDelivered(n1, deliveredFrame([c, a, c], 'n1', 0.5))).toBeUndefined();
    const instance = { service: 'crm', node: 'n1' };
    expect(settled).toMatchObject([
      { outcome: 'delivered', id: messageIdOf(3), instance, elapsedMs: 5, tried: [] },
      { outcome: 'delivered', id: messageIdOf(1), instance, elapsedMs: 5, tried: [] },
    ]);
    expect([loads, exchanges.inFlight(), exchanges.strayReplies()]).toEqual([[[n1, 'crm', 0.5]], 1, 1]);
    exchanges.onDelivered(n1, deliveredFrame([b]));
    expect([settled.length, loads.length, exchanges.inFlight()]).toEqual([3, 1, 0]);
  });

  it('[F6] is no word of a node that does not have the message', () => {
    const { exchanges, settled, send, correlations } = bed();
    send();
    exchanges.onDelivered(n2, deliveredFrame(correlations(), 'n1', 0.5));
    expect([settled, exchanges.strayReplies(), exchanges.inFlight()]).toEqual([[], 1, 1]);
  });

  it('tells what was tried before', () => {
    const { exchanges, settled, send, correlations } = bed();
    send();
    exchanges.onReply(n1, replyFrame(correlations()[0] as number, { outcome: 'refused', code: 'busy' }));
    exchanges.onDelivered(n2, deliveredFrame(correlations().slice(0, 1), 'n2'));
    expect(settled).toMatchObject([{ outcome: 'delivered', instance: { node: 'n2' }, tried: [{ node: 'n1' }] }]);
  });

  it('of several nodes, or malformed, is a fault; what an owner throws is not', () => {
    const { exchanges, faults, send, correlations } = bed();
    const rest = deliveredRest('crm', ['n1', 'n2'], [1]);
    expect(exchanges.onDelivered(n1, received({ kind: FrameKind.delivered }, rest))).toMatch(/names one/);
    expect(exchanges.onDelivered(n1, received({ kind: FrameKind.delivered }, rest.subarray(1)))).toMatch(/^bad/);
    const encoded = {
      rest: new Uint8Array(18),
      headBytes: 18,
      pass: () => undefined,
      delivered() {
        throw new Error('bug');
      },
    };
    send({ id: messageIdOf(9), encoded });
    expect(exchanges.onDelivered(n1, deliveredFrame(correlations()))).toBeUndefined();
    expect(faults).toEqual(['a settlement']);
  });
});
