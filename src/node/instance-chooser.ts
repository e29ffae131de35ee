import type { Chooser, Chosen } from '../delivery/chooser.ts';
import type { Directory, Instance } from '../directory/directory.ts';
import type { LoadTable } from '../directory/load-table.ts';
import type { Member } from '../membership/member.ts';
import type { Membership } from '../membership/membership.ts';
import type { NodeId } from '../protocol/ids.ts';
import type { ServiceState } from '../protocol/service-entry.ts';
import type { Clock } from '../runtime/clock.ts';
import type { SelectionCandidate } from '../selection/candidate.ts';
import { choose } from '../selection/choose.ts';
import { InstanceTrack } from '../selection/instance-track.ts';
import { rank } from '../selection/rank.ts';
import { RetryBudget } from '../selection/retry-budget.ts';

/** The chooser of a node, and what views need of it. */
export interface InstanceChooser extends Chooser {
  /** All instances of a service that are not dead or gone, best first. */
  ranked(service: string): readonly Instance[];
  forget(node: NodeId): void;
}

export interface InstanceChooserOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly self: NodeId;
  readonly membership: Membership;
  readonly directory: Directory;
  readonly loads: LoadTable;
  readonly isSameHost: (member: Member) => boolean;
}

export function createInstanceChooser(options: InstanceChooserOptions): InstanceChooser {
  const { clock, self, membership, directory, loads } = options;
  const tracks = new Map<NodeId, Map<string, InstanceTrack>>();
  const budgets = new Map<string, RetryBudget>();

  function trackOf(node: NodeId, service: string): InstanceTrack {
    let ofNode = tracks.get(node);
    if (ofNode === undefined) {
      ofNode = new Map();
      tracks.set(node, ofNode);
    }
    let track = ofNode.get(service);
    if (track === undefined) {
      track = new InstanceTrack();
      ofNode.set(service, track);
    }
    return track;
  }

  function memberOf(node: NodeId): Member | undefined {
    return node === self ? membership.self() : membership.get(node);
  }

  function candidate(instance: Instance, service: string, member: Member, now: number): SelectionCandidate | undefined {
    const { state } = member;
    if (state === 'dead' || state === 'left') return undefined;
    const track = trackOf(instance.node, service);
    const known = loads.get(instance.node, service, now);
    const sinceFailure = now - track.failedAt;
    return {
      node: instance.node,
      sameHost: instance.node === self || options.isSameHost(member),
      state,
      serviceState: instance.entry.state,
      inFlightHere: track.inFlight,
      load: known?.load,
      loadAgeMs: known?.ageMs ?? 0,
      weight: instance.entry.weight,
      recentFailureAgeMs: sinceFailure === Number.POSITIVE_INFINITY ? undefined : sinceFailure,
    };
  }

  function chosenOf(node: NodeId, service: string): Chosen {
    let budget = budgets.get(service);
    if (budget === undefined) {
      budget = new RetryBudget();
      budgets.set(service, budget);
    }
    return { node, name: memberOf(node)?.name ?? node, track: trackOf(node, service), budget };
  }

  function candidates(service: string, fits: (instance: Instance, member: Member) => boolean): SelectionCandidate[] {
    const now = clock.now();
    const found: SelectionCandidate[] = [];
    for (const instance of directory.lookup(service)) {
      const member = memberOf(instance.node);
      if (member === undefined || !fits(instance, member)) continue;
      const one = candidate(instance, service, member, now);
      if (one !== undefined) found.push(one);
    }
    return found;
  }

  return {
    choose({ service, node: nodePart }, kind, avoid) {
      const fitting = candidates(service, ({ node, entry }, member) => {
        if (avoid.has(node) || !entry.kinds[kind] || entry.state === 'draining') return false;
        return nodePart === '' || nodePart === member.name || nodePart === node;
      });
      const picked = choose(fitting, options.random);
      return picked === undefined ? undefined : chosenOf(picked.node, service);
    },
    every({ service }, kind) {
      const fitting = candidates(service, ({ entry }) => entry.kinds[kind] && isWorking(entry.state));
      return fitting.map(({ node }) => chosenOf(node, service));
    },
    nameOf: (node) => memberOf(node)?.name ?? node,
    noteLoad: (node, service, load) => loads.note(node, service, load, clock.now()),
    ranked(service) {
      const byNode = new Map(directory.lookup(service).map((instance) => [instance.node, instance]));
      const ranking = rank(candidates(service, () => true));
      return ranking.flatMap((row) => byNode.get(row.candidate.node) ?? []);
    },
    forget: (node) => void tracks.delete(node),
  };
}

/** A warning is no reason to leave it out. */
function isWorking(state: ServiceState): boolean {
  return state === 'up' || state === 'warning';
}
