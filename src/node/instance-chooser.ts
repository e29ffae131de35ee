import type { ChoiceWish, Chooser, WorkKind } from '../delivery/chooser.ts';
import type { Directory, Instance } from '../directory/directory.ts';
import type { LoadTable } from '../directory/load-table.ts';
import type { Member } from '../membership/member.ts';
import type { Membership } from '../membership/membership.ts';
import { type Address, formatAddress } from '../protocol/address.ts';
import type { NodeId } from '../protocol/ids.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Candidate } from '../selection/candidate.ts';
import { chooseBest } from '../selection/choose-best.ts';
import { chooseBy } from '../selection/choose-by.ts';
import type { Decision } from '../selection/decision.ts';
import type { Circumstances } from '../selection/draw.ts';
import { account, explain, ranked } from '../selection/explain.ts';
import type { Field } from '../selection/field.ts';
import type { Strategy } from '../selection/strategy.ts';
import { fieldFor } from './field-for.ts';
import { ServicePool } from './service-pool.ts';

/** The chooser of a node, and what views need of it. */
export interface InstanceChooser extends Chooser {
  /** All instances of a service that are not dead or gone, best first. */
  ranked(service: string): readonly Candidate[];
  /** Where the next exchange would go, and why. Changes nothing. */
  explain(to: Address, wish: ChoiceWish | undefined): Decision;
  /** Whether work that failed at these nodes, by name, may be tried at another; undefined: at any. It is then paid for. */
  mayTryElsewhere(to: Address, kind: WorkKind, tried: readonly string[] | undefined): boolean;
  /** Strategies by service, for calls that name none. */
  setStrategies(strategies: ReadonlyMap<string, Strategy>): void;
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
const anywhere: Address = { service: '', node: '' };
const kindNames: Readonly<Record<WorkKind, string>> = { messages: 'messages', http: 'HTTP', streams: 'streams' };
/** In an account of one choice; of a thousand instances nobody reads all. */
const accountedMax = 8;

/** As it is filled in anew for each choice: nobody keeps it. */
type Filled = { -readonly [Part in keyof Circumstances]: Circumstances[Part] };

export function createInstanceChooser(options: InstanceChooserOptions): InstanceChooser {
  const { clock, random, self, membership, directory, loads, isSameHost } = options;
  const pools = new Map<string, ServicePool>();
  const about: Filled = { now: 0, random, avoid: nobody, seen: undefined };
  let strategies: ReadonlyMap<string, Strategy> = new Map();
  let generation = 0;
  let lastInstances: readonly Instance[] | undefined;
  let lastPool: ServicePool | undefined;

  function memberOf(node: NodeId): Member | undefined {
    return node === self ? membership.self() : membership.get(node);
  }

  /** Undefined: nobody serves it. The pool's candidates are those of now. */
  function poolOf(service: string, now: number): ServicePool | undefined {
    const instances = directory.lookup(service);
    // Mostly it is the one of the last message, and its instances are the same list.
    if (instances !== lastInstances) {
      lastPool = poolWith(instances, service);
      lastInstances = instances;
    }
    lastPool?.refresh(instances, generation, now);
    return lastPool;
  }

  function poolWith(instances: readonly Instance[], service: string): ServicePool | undefined {
    let pool = pools.get(service);
    if (instances.length === 0) {
      if (pool !== undefined) pools.delete(service);
      return undefined;
    }
    if (pool === undefined) {
      pool = new ServicePool({ service, self, loads, memberOf, isSameHost });
      pools.set(service, pool);
    }
    return pool;
  }

  function strategyOf(service: string, wish: ChoiceWish | undefined): Strategy {
    return wish?.strategy ?? (strategies.size === 0 ? 'best' : (strategies.get(service) ?? 'best'));
  }

  function chooseAsWished(field: Field, service: string, wish: ChoiceWish): Candidate | undefined {
    const strategy = strategyOf(service, wish);
    const { besides, decisions } = wish;
    if (besides !== undefined) about.avoid = new Set([...about.avoid, ...besides]);
    if (decisions === undefined) return chooseBy(strategy, wish.key, field, about);
    const seen: Candidate[] = [];
    about.seen = seen;
    const chosen = chooseBy(strategy, wish.key, field, about);
    about.seen = undefined;
    decisions.push(account(strategy, chosen, seen, field, about, accountedMax));
    return chosen;
  }

  loads.onReport = (node, now) => {
    for (const pool of pools.values()) pool.takeLoad(node, now);
  };

  return {
    choose(to, kind, avoid, wish, now = clock.now()) {
      const pool = poolOf(to.service, now);
      if (pool === undefined) return undefined;
      const field = fieldFor(pool, to, kind);
      about.now = now;
      about.avoid = avoid;
      if (wish === undefined && strategies.size === 0) return chooseBest(field, about);
      const chosen =
        wish === undefined
          ? chooseBy(strategyOf(to.service, wish), '', field, about)
          : chooseAsWished(field, to.service, wish);
      if (chosen !== undefined) wish?.taken?.add(chosen.node);
      return chosen;
    },
    isAnother(to, kind, node, avoid) {
      const now = clock.now();
      const pool = poolOf(to.service, now);
      const rows = pool === undefined ? [] : fieldFor(pool, to, kind).healthy.rows;
      return rows.some((row) => row.node !== node && !avoid.has(row.node) && row.track.fitness(now) === 'fit');
    },
    every(to, kind) {
      const pool = poolOf(to.service, clock.now());
      if (pool === undefined) return [];
      return fieldFor(pool, to.labels === undefined ? anywhere : { ...to, node: '' }, kind).able;
    },
    whyNone(to, kind) {
      const whom = formatAddress(to);
      const pool = poolOf(to.service, clock.now());
      const all = pool === undefined ? [] : fieldFor(pool, to, undefined).all;
      if (all.length === 0) return `nobody serves ${whom}`;
      const able = all.filter(({ entry }) => entry.kinds[kind]);
      return able.length === 0 ? `${whom} takes no ${kindNames[kind]}` : `${whom}: every instance is draining`;
    },
    nameOf: (node) => memberOf(node)?.name ?? node,
    noteLoad(node, service, load) {
      const now = clock.now();
      loads.note(node, service, load, now);
      pools.get(service)?.tracks.get(node)?.noteLoad(now, load);
    },
    latencyMs: (service, share) => pools.get(service)?.figures.latencies.quantile(share),
    ranked(service) {
      const now = clock.now();
      return ranked(poolOf(service, now)?.all ?? [], now);
    },
    mayTryElsewhere(to, kind, tried) {
      const now = clock.now();
      const pool = poolOf(to.service, now);
      if (pool === undefined) return false;
      const { rows } = fieldFor(pool, to, kind).healthy;
      const isWell = ({ name, track }: Candidate) => !tried?.includes(name) && track.fitness(now) === 'fit';
      return (tried === undefined || rows.some(isWell)) && pool.figures.budget.take(now);
    },
    explain(to, wish) {
      const now = clock.now();
      const pool = poolOf(to.service, now);
      const strategy = strategyOf(to.service, wish);
      if (pool === undefined) return { strategy, chosen: null, drawn: [], candidates: [], candidateCount: 0 };
      const field = fieldFor(pool, to, undefined);
      return explain(strategy, wish?.key ?? '', field, { now, random, avoid: nobody, seen: undefined });
    },
    setStrategies(given) {
      strategies = given;
    },
    membersChanged() {
      generation += 1;
    },
    forget(node) {
      for (const pool of pools.values()) pool.forget(node);
    },
  };
}
