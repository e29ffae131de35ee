import type { Chooser } from '../delivery/chooser.ts';
import type { Directory, Instance } from '../directory/directory.ts';
import type { LoadTable } from '../directory/load-table.ts';
import type { Member } from '../membership/member.ts';
import type { Membership } from '../membership/membership.ts';
import type { NodeId } from '../protocol/ids.ts';
import type { Clock } from '../runtime/clock.ts';
import { chooseBest } from '../selection/choose-best.ts';
import { fieldOf } from '../selection/field.ts';
import { rank } from '../selection/rank.ts';
import { ServicePool } from './service-pool.ts';

/** The chooser of a node, and what views need of it. */
export interface InstanceChooser extends Chooser {
  /** All instances of a service that are not dead or gone, best first. */
  ranked(service: string): readonly Instance[];
  /** A member has changed: its state, its name, where it is. */
  membersChanged(): void;
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

const nobody: ReadonlySet<NodeId> = new Set();
const any = () => true;

export function createInstanceChooser(options: InstanceChooserOptions): InstanceChooser {
  const { clock, random, self, membership, directory, loads, isSameHost } = options;
  const pools = new Map<string, ServicePool>();
  let generation = 0;

  function memberOf(node: NodeId): Member | undefined {
    return node === self ? membership.self() : membership.get(node);
  }

  /** Undefined: nobody serves it. The pool's candidates are those of now. */
  function poolOf(service: string, now: number): ServicePool | undefined {
    const instances = directory.lookup(service);
    let pool = pools.get(service);
    if (instances.length === 0) {
      if (pool !== undefined) pools.delete(service);
      return undefined;
    }
    if (pool === undefined) {
      pool = new ServicePool({ service, self, directory, loads, memberOf, isSameHost });
      pools.set(service, pool);
    }
    pool.candidates(instances, generation, now);
    return pool;
  }

  loads.onReport = (node, now) => {
    for (const pool of pools.values()) pool.takeLoad(node, now);
  };

  return {
    choose(to, kind, avoid) {
      const now = clock.now();
      const pool = poolOf(to.service, now);
      if (pool === undefined) return undefined;
      const { node } = to;
      const field =
        node === ''
          ? pool.field(kind, '', any)
          : pool.field(kind, node, (candidate) => candidate.name === node || candidate.node === node);
      return chooseBest(field, { now, random, avoid });
    },
    every({ service }, kind) {
      const pool = poolOf(service, clock.now());
      if (pool === undefined) return [];
      const { all } = pool.field(kind, '', any);
      return all.filter(({ entry }) => entry.state === 'up' || entry.state === 'warning');
    },
    nameOf: (node) => memberOf(node)?.name ?? node,
    noteLoad(node, service, load) {
      const now = clock.now();
      loads.note(node, service, load, now);
      pools.get(service)?.tracks.get(node)?.noteLoad(now, load);
    },
    ranked(service) {
      const now = clock.now();
      const pool = poolOf(service, now);
      if (pool === undefined) return [];
      const field = fieldOf(pool.candidates(directory.lookup(service), generation, now), pool.figures);
      return rank(field, { now, random, avoid: nobody }).map(({ candidate: { node, entry } }) => ({ node, entry }));
    },
    membersChanged() {
      generation += 1;
    },
    forget(node) {
      for (const pool of pools.values()) pool.forget(node);
    },
  };
}
