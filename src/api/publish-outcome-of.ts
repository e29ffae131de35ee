import type { Settlement } from '../delivery/settlement.ts';
import type { PublishedInstance, PublishOutcome } from './outcome.ts';

/** What a node or an agent says of a publish. */
export interface PublishSettled {
  readonly id: string;
  readonly elapsedMs: number;
  readonly instances: readonly Settlement[];
}

/** One word for all: `delivered` when every instance has it, else the first other; `refused` when there is none. */
export function publishOutcomeOf(settled: PublishSettled, service: string): PublishOutcome {
  const { id, elapsedMs } = settled;
  const instances = settled.instances.map((each) => publishedInstance(each, service));
  const worst = instances.find((each) => each.outcome !== 'delivered');
  if (instances.length === 0) {
    const reason = `nobody serves ${service}`;
    return { outcome: 'refused', id, elapsedMs, instances, code: 'no-instance', reason };
  }
  if (worst === undefined) return { outcome: 'delivered', id, elapsedMs, instances };
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

function publishedInstance(settlement: Settlement, service: string): PublishedInstance {
  const instance = settlement.instance ?? settlement.tried.at(-1);
  const at = instance === undefined ? service : instance.service;
  const node = instance === undefined ? '' : instance.node;
  const { outcome, code, reason } = settlement;
  if (outcome === 'answered' || outcome === 'delivered') return { service: at, node, outcome: 'delivered' };
  if (outcome === 'stored') return { service: at, node, outcome };
  return { service: at, node, outcome, reason, ...(code === undefined ? {} : { code }) };
}
