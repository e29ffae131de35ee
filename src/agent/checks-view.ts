import type { ChecksView, CheckView, ProgramHealthView } from '../api/checks-view.ts';
import type { ProvisionHealth } from '../delivery/provider.ts';
import type { FogataNode } from '../node/node.ts';
import type { Clock } from '../runtime/clock.ts';
import { isoTimeOf } from '../runtime/iso-time.ts';
import type { CheckStanding } from './checks/running-check.ts';
import type { LocalTargets } from './local-targets.ts';

interface Sources {
  readonly node: Pick<FogataNode, 'name' | 'health'>;
  readonly targets: LocalTargets;
  readonly clock: Clock;
}

/** How the programs of this host are: plain ones with their checks, and linked ones with what they say. */
export function checksView({ node, targets, clock }: Sources): ChecksView {
  const time = (at: number): string => isoTimeOf(clock.wallTime() - (clock.now() - at));
  const ofTargets = targets.health();
  const known = new Set(ofTargets.map(({ provision }) => provision.provider));
  const linked = node.health().filter(({ provider }) => !known.has(provider));
  const programs = [
    ...ofTargets.map(({ by, provision, checks }) => programOf(provision, by, checks.map(checkOf))),
    ...linked.map((provision) => programOf(provision, 'program', heartbeatOf(provision))),
  ];
  return { node: node.name, programs: programs.sort((a, b) => (a.service < b.service ? -1 : 1)) };

  function programOf(
    { service, state, since, note, heldMs, inFlight }: ProvisionHealth,
    by: ProgramHealthView['by'],
    checks: readonly CheckView[],
  ): ProgramHealthView {
    return { service, by, state, since: time(since), note, heldMs: heldMs ?? null, inFlight, checks };
  }

  function checkOf({ since, lastAt, nextAt, ...same }: CheckStanding): CheckView {
    const lastRun = lastAt === undefined ? null : time(lastAt);
    return { ...same, since: time(since), lastRun, nextRun: nextAt === undefined ? null : time(nextAt) };
  }

  /** A linked program's heartbeat is looked after where its service is. */
  function heartbeatOf({ said, since, note, heartbeatDueMs }: ProvisionHealth): readonly CheckView[] {
    if (heartbeatDueMs === undefined) return [];
    const state = ({ up: 'passing', warning: 'warning', down: 'critical' } as const)[said];
    const nextRun = time(clock.now() + heartbeatDueMs);
    const facts = { output: note, lastRun: null, nextRun, runs: 0 };
    return [{ name: 'heartbeat', way: 'heartbeat', state, since: time(since), ...facts }];
  }
}
