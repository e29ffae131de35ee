import type { PublishSettlement } from '../delivery/publish-settlement.ts';
import { type Address, formatAddress } from '../protocol/address.ts';
import type { PublishOutcome } from './outcome.ts';

/** One word for all: `delivered` when every instance has it, else the first other; `refused` when there is none. */
export function publishOutcomeOf(settlement: PublishSettlement, to: Address): PublishOutcome {
  const { id, elapsedMs, instances } = settlement;
  if (settlement.isDelivered) return { outcome: 'delivered', id, elapsedMs, instances };
  const worst = instances.find((each) => each.outcome !== 'delivered');
  if (worst === undefined) {
    const reason = `nobody serves ${formatAddress({ ...to, node: '' })}`;
    return { outcome: 'refused', id, elapsedMs, instances, code: 'no-instance', reason };
  }
  const { outcome, code, reason } = worst;
  return {
    outcome,
    id,
    elapsedMs,
    instances,
    ...(code === undefined ? {} : { code }),
    ...(reason === undefined ? {} : { reason: worst.node === '' ? reason : `${worst.node}: ${reason}` }),
  };
}
