import type { Chosen } from '../delivery/chooser.ts';
import type { ExchangeRequest } from '../delivery/exchange-request.ts';
import type { Settlement } from '../delivery/settlement.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { agentService } from '../protocol/names.ts';
import { InstanceTrack } from '../selection/instance-track.ts';
import { RetryBudget } from '../selection/retry-budget.ts';
import type { Assembly } from './assemble-node.ts';
import { isPresent } from './node-views.ts';

/** [A1] To the agent of the one node of this name or id. Throws FogataError `not-found` where there is none, `invalid` where there are several. */
export function askAgent(
  { control: { membership }, data }: Pick<Assembly, 'control' | 'data'>,
  node: string,
  request: Omit<ExchangeRequest, 'to'>,
  settle: (settlement: Settlement) => void,
): () => void {
  const called = [membership.self(), ...membership.members()].filter(
    ({ id, name, state }) => isPresent(state) && (id === node || name === node),
  );
  const [member] = called;
  if (member === undefined) throw new FogataError('not-found', `there is no node ${JSON.stringify(node)}`);
  if (called.length > 1) {
    const ids = called.map(({ id }) => id).join(', ');
    throw new FogataError('invalid', `several nodes are called ${JSON.stringify(node)}: name one by its id, ${ids}`);
  }
  // Nothing is learnt of it, and nothing depends on what was: there is no other to go to.
  const only: Chosen = { node: member.id, name: member.name, track: new InstanceTrack(), budget: new RetryBudget() };
  return data.exchanges.begin({ ...request, to: { service: agentService, node: member.name } }, only, settle);
}
