import { describe, expect, it } from 'vitest';
import { alikeRest } from '../../test/delivery/alike-frames.ts';
import {
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
import { createExchanges } from './exchanges.ts';
import { createPublisher } from './publish-exchange.ts';
import type { PublishSettlement } from './publish-settlement.ts';
import type { Settlement } from './settlement.ts';

const [n1, n2] = [nodeOf(1), nodeOf(2)];

function bed(nodes = [n1, n2]) {
  const clock = manualClock();
  const carrier = fakeCarrier();
  const chooser = fakeChooser(nodes);
  let ids = 0;
  const newMessageId = () => messageIdOf(++ids);
  const onOwnerFault = () => undefined;
  const exchanges = createExchanges({ clock, self, selfName: 'me', carrier, chooser, newMessageId, onOwnerFault });
  const publish = createPublisher({ clock, exchanges, chooser, newMessageId, selfName: 'me' });
  const sentTo = (peer: typeof n1) => carrier.ofKind(FrameKind.message).filter((frame) => frame.peer === peer);
  const alike = (correlations: readonly number[], reply: Parameters<typeof replyFrame>[1]) =>
    received(
      { kind: FrameKind.alike, correlation: correlations[0] ?? 0 },
      alikeRest(replyFrame(1, reply).bytes, correlations),
    );
  return { exchanges, publish, sentTo, alike };
}

const busy = { outcome: 'refused', code: 'busy', reason: 'full' } as const;

describe('[F17] an alike frame between nodes', () => {
  it('is a reply to each message that it names: what was refused goes elsewhere', () => {
    const { exchanges, sentTo, alike } = bed();
    const settled: Settlement[] = [];
    for (let i = 0; i < 2; i++) exchanges.begin(requestOf(), undefined, (settlement) => settled.push(settlement));
    const correlations = sentTo(n1).map(({ correlation }) => correlation);
    // The last one was never sent.
    expect(exchanges.onAlike(n1, alike([...correlations, 99], busy))).toBeUndefined();
    expect([sentTo(n2).length, exchanges.strayReplies(), exchanges.inFlight()]).toEqual([2, 1, 2]);
    exchanges.onAlike(n2, alike(correlations, busy));
    expect(settled).toMatchObject([
      { outcome: 'refused', code: 'busy', reason: 'full', tried: [{ node: 'n1' }, { node: 'n2' }] },
      { outcome: 'refused', code: 'busy', reason: 'full', tried: [{ node: 'n1' }, { node: 'n2' }] },
    ]);
  });

  it('says of each publish what became of it there, and of no other instance', async () => {
    const { exchanges, publish, sentTo, alike } = bed();
    const told: PublishSettlement[] = [];
    for (let i = 0; i < 2; i++) publish(requestOf(), (settlement) => told.push(settlement));
    await Promise.resolve();
    const correlations = sentTo(n1).map(({ correlation }) => correlation);
    exchanges.onAlike(n1, alike(correlations, busy));
    expect([told.length, exchanges.inFlight()]).toEqual([0, 2]);
    for (const correlation of correlations) exchanges.onReply(n2, replyFrame(correlation, { outcome: 'delivered' }));
    const instances = [
      { node: 'n1', outcome: 'refused', code: 'busy', reason: 'full' },
      { node: 'n2', outcome: 'delivered' },
    ];
    expect(told).toMatchObject([{ instances }, { instances }]);
  });

  it('that is malformed is a fault', () => {
    const { exchanges, alike } = bed();
    const frame = alike([1], busy);
    expect(exchanges.onAlike(n1, { ...frame, end: frame.start + 1 })).toMatch(/^bad alike/);
    expect(exchanges.onAlike(n1, alike([1], { outcome: 'answered' }))).toMatch(/^bad alike/);
  });
});
