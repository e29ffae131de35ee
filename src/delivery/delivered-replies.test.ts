import { describe, expect, it } from 'vitest';
import { fakeCarrier, nodeOf } from '../../test/delivery/delivery-bed.ts';
import { deliveredMax } from '../protocol/limits.ts';
import { createDeliveredReplies } from './delivered-replies.ts';

function bed() {
  const carrier = fakeCarrier();
  const state = { now: 0, asked: 0 };
  const now = () => {
    state.asked += 1;
    return state.now;
  };
  const replies = createDeliveredReplies({ clock: { now }, carrier, selfName: 'me', loadOf: () => undefined });
  return { carrier, state, replies };
}

describe('[F15] what is delivered here', () => {
  it('is told to each who sent it, by one look at the clock a turn', async () => {
    const { carrier, state, replies } = bed();
    const [n1, n2] = [nodeOf(1), nodeOf(2)];
    const times = [n1, n2, n1].map((peer, i) => replies.add(peer, i + 1, 'crm'));
    await Promise.resolve();
    state.now = 70_000;
    times.push(replies.add(n1, 9, 'crm'));
    expect([times, state.asked]).toEqual([[0, 0, 0, 70_000], 2]);
    replies.flush();
    expect(carrier.sent.map(({ peer, correlation }) => [peer, correlation])).toEqual([
      [n1, 1],
      [n2, 2],
      [n1, 9],
    ]);
  });

  it('has a time also where it sends what waited: of another service, or more than a frame holds', () => {
    const { carrier, state, replies } = bed();
    const peer = nodeOf(1);
    state.now = 5;
    const times = ['crm', 'erp', 'crm'].map((service, i) => replies.add(peer, i + 1, service));
    for (let more = 0; more < deliveredMax; more++) times.push(replies.add(peer, more + 4, 'crm'));
    expect(new Set(times)).toEqual(new Set([5]));
    expect(carrier.sent.length).toBe(3);
  });
});
