import { describe, expect, it } from 'vitest';
import { fakeChooser, nodeOf, requestOf } from '../../test/delivery/delivery-bed.ts';
import { manualClock } from '../../test/delivery/manual-clock.ts';
import type { NodeId } from '../protocol/ids.ts';
import type { ExchangeRequest } from './exchange-request.ts';
import { beginHedged } from './hedged-exchange.ts';
import type { Settlement } from './settlement.ts';

interface Copy {
  readonly request: ExchangeRequest;
  readonly settle: (settlement: Settlement) => void;
  cancelled: boolean;
}

function settlementOf(outcome: Settlement['outcome'], node = 'n1'): Settlement {
  const isDone = outcome === 'answered';
  return {
    outcome,
    id: '1'.repeat(32) as Settlement['id'],
    instance: isDone ? { service: 'crm', node } : undefined,
    code: isDone ? undefined : 'failed',
    reason: '',
    params: {},
    bodyKind: 'none',
    body: new Uint8Array(0),
    tried: [],
    elapsedMs: 1,
  };
}

function bed(hedgeMs: number | undefined, nodes: NodeId[] = [nodeOf(1), nodeOf(2)], usualMs?: number) {
  const world = manualClock();
  const chooser = { ...fakeChooser(nodes), latencyMs: () => usualMs };
  const copies: Copy[] = [];
  const settled: Settlement[] = [];
  const begin = (request: ExchangeRequest, _only: unknown, settle: (settlement: Settlement) => void) => {
    const chosen = chooser.choose(request.to, 'messages', request.wish?.besides ?? new Set(), undefined);
    if (chosen !== undefined) request.wish?.taken?.add(chosen.node);
    const copy: Copy = { request, settle, cancelled: false };
    copies.push(copy);
    return () => {
      if (copy.cancelled) return;
      copy.cancelled = true;
      settle({ ...settlementOf('refused'), code: 'cancelled' });
    };
  };
  const tools = { clock: world, exchanges: { begin }, chooser };
  const request = requestOf({ idempotent: true, deadlineMs: 1_000 });
  const cancel = beginHedged(tools, request, hedgeMs, (settlement) => settled.push(settlement));
  return { world, chooser, copies, settled, cancel };
}

describe('a hedged exchange', () => {
  it('that is answered in time is one exchange', () => {
    const { world, copies, settled } = bed(50);
    world.advance(49);
    copies[0]?.settle(settlementOf('answered'));
    world.advance(1_000);
    expect(copies).toHaveLength(1);
    expect(settled.map(({ outcome }) => outcome)).toEqual(['answered']);
  });

  it('sends a copy elsewhere when it is late; the first answer counts, and the other is given up', () => {
    const { world, copies, settled } = bed(50);
    world.advance(60);
    expect(copies).toHaveLength(2);
    expect([...(copies[1]?.request.wish?.besides ?? [])]).toEqual([nodeOf(1)]);
    expect(copies[1]?.request.deadlineMs).toBeLessThanOrEqual(950);
    copies[1]?.settle(settlementOf('answered', 'n2'));
    expect(copies[0]?.cancelled).toBe(true);
    expect(settled.map(({ instance }) => instance?.node)).toEqual(['n2']);
    copies[0]?.settle(settlementOf('answered'));
    expect(settled).toHaveLength(1);
  });

  it('waits for the other when one fails, and when both do tells what became of the first', () => {
    const first = bed(50);
    first.world.advance(60);
    first.copies[0]?.settle(settlementOf('refused'));
    expect(first.settled).toEqual([]);
    first.copies[1]?.settle(settlementOf('answered', 'n2'));
    expect(first.settled[0]?.outcome).toBe('answered');
    const second = bed(50);
    second.world.advance(60);
    second.copies[1]?.settle(settlementOf('refused'));
    second.copies[0]?.settle(settlementOf('expired'));
    expect(second.settled.map(({ outcome }) => outcome)).toEqual(['expired']);
  });

  it('that fails before the time has come is no reason for a copy', () => {
    const { world, copies, settled } = bed(50);
    copies[0]?.settle(settlementOf('refused'));
    world.advance(200);
    expect([copies.length, settled.length]).toEqual([1, 1]);
  });

  it('without a time of its own waits for as long as most answers take, and with nothing known never', () => {
    const known = bed(undefined, undefined, 20);
    known.world.advance(19);
    expect(known.copies).toHaveLength(1);
    known.world.advance(2);
    expect(known.copies).toHaveLength(2);
    const unknown = bed(undefined);
    unknown.world.advance(900);
    expect(unknown.copies).toHaveLength(1);
  });

  it('sends none where there is no other instance, or no budget', () => {
    const alone = bed(50, [nodeOf(1)]);
    alone.world.advance(200);
    expect(alone.copies).toHaveLength(1);
    const poor = bed(50);
    const budget = poor.chooser.choose({ service: 'crm', node: '' }, 'messages', new Set(), undefined)?.budget;
    while (budget?.take(0) === true);
    poor.world.advance(60);
    expect(poor.copies).toHaveLength(1);
  });

  it('given up gives up both, and is settled once', () => {
    const { world, copies, settled, cancel } = bed(50);
    world.advance(60);
    cancel();
    expect(copies.map(({ cancelled }) => cancelled)).toEqual([true, true]);
    expect(settled.map(({ code }) => code)).toEqual(['cancelled']);
  });
});
