import { describe, expect, it } from 'vitest';
import {
  fakeCarrier,
  fakeChooser,
  messageIdOf,
  nodeOf,
  replyFrame,
  requestOf,
  self,
} from '../../test/delivery/delivery-bed.ts';
import { manualClock } from '../../test/delivery/manual-clock.ts';
import { FrameKind } from '../protocol/frame.ts';
import { createExchanges } from './exchanges.ts';
import type { Settlement } from './settlement.ts';

function bed(nodeCount: number, idempotent = true) {
  const clock = manualClock();
  const carrier = fakeCarrier();
  const chooser = fakeChooser(Array.from({ length: nodeCount }, (_, i) => nodeOf(i + 1)));
  let ids = 0;
  const newMessageId = () => messageIdOf(++ids);
  const options = { clock, self, selfName: 'me', carrier, chooser, newMessageId, onOwnerFault() {} };
  const exchanges = createExchanges(options);
  const settled: Settlement[] = [];
  const begin = () =>
    void exchanges.begin(requestOf({ idempotent }), undefined, (settlement) => settled.push(settlement));
  const failAt = (n: number, correlation: number) =>
    exchanges.onReply(nodeOf(n), replyFrame(correlation, { outcome: 'refused', code: 'failed', reason: 'threw' }));
  const peers = () => carrier.ofKind(FrameKind.message).map(({ peer }) => peer);
  return { chooser, exchanges, settled, begin, failAt, peers };
}

describe('an exchange whose instance fails', () => {
  it('is tried at another, where it is idempotent', () => {
    const { exchanges, settled, begin, failAt, peers } = bed(2);
    begin();
    failAt(1, 1);
    expect([peers(), settled]).toEqual([[nodeOf(1), nodeOf(2)], []]);
    exchanges.onReply(nodeOf(2), replyFrame(1));
    expect(settled).toMatchObject([{ outcome: 'answered', tried: [{ node: 'n1', code: 'failed', reason: 'threw' }] }]);
  });

  it('is not, where it is not idempotent or there is no other', () => {
    for (const one of [bed(2, false), bed(1)]) {
      one.begin();
      one.failAt(1, 1);
      expect(one.settled).toMatchObject([{ outcome: 'refused', code: 'failed', reason: 'threw', tried: [] }]);
    }
  });

  it('is told as failed, where all others are out of reach: it was done, and not well', () => {
    const { exchanges, settled, begin, failAt } = bed(2);
    begin();
    failAt(1, 1);
    exchanges.onReply(nodeOf(2), replyFrame(1, { outcome: 'refused', code: 'unreachable', reason: 'gone' }));
    expect(settled).toMatchObject([
      { outcome: 'refused', code: 'failed', reason: 'threw', tried: [{ code: 'failed' }, { code: 'unreachable' }] },
    ]);
  });

  it('is given up after the third: then it is the work and not the instance', () => {
    const { settled, begin, failAt, peers } = bed(5);
    begin();
    for (const n of [1, 2, 3]) failAt(n, 1);
    expect(peers()).toHaveLength(3);
    expect(settled).toMatchObject([{ outcome: 'refused', code: 'failed' }]);
  });

  it('is paid for: what fails when the budget is used up is told as it is', () => {
    const { settled, begin, failAt, peers } = bed(2);
    for (let call = 1; call <= 40; call++) {
      begin();
      // Every other correlation is one of a publication.
      failAt(1, 2 * call - 1);
    }
    const retries = peers().filter((peer) => peer === nodeOf(2)).length;
    // Twenty to begin with, and a fifth of the calls.
    expect(retries).toBeGreaterThanOrEqual(25);
    expect(retries).toBeLessThanOrEqual(29);
    expect(settled).toHaveLength(40 - retries);
    expect(settled.every(({ outcome, code }) => outcome === 'refused' && code === 'failed')).toBe(true);
  });

  it('tells the track of each instance how it ended', () => {
    const { chooser, exchanges, begin, failAt } = bed(2);
    begin();
    failAt(1, 1);
    exchanges.onReply(nodeOf(2), replyFrame(1));
    const shareOf = (n: number) => chooser.chosen.get(nodeOf(n))?.track.breaker.failureShare(0);
    expect([shareOf(1), shareOf(2)]).toEqual([1, 0]);
    expect([...chooser.chosen.values()].every(({ track }) => track.inFlight === 0)).toBe(true);
  });
});
