import type { ServiceLocation } from '../runtime/resolver.ts';
import { nextTurn } from '../runtime/turn.ts';
import { createRunLoop } from './run-loop.ts';
import { conditionsOf, type Segment, type SegmentOptions, showSegment } from './segment.ts';
import { Simulation } from './simulation.ts';
import {
  type Cut,
  createTopology,
  type HostAddresses,
  type HostState,
  type SegmentState,
  type Topology,
} from './topology.ts';
import { DatagramNetwork } from './virtual-datagrams.ts';
import { addressesOfHost, assertName, createVirtualHost, type VirtualHost } from './virtual-host.ts';
import type { VirtualRandom } from './virtual-random.ts';
import type { NameTable } from './virtual-resolver.ts';
import { createStreamNetwork } from './virtual-streams.ts';

export interface WorldOptions {
  /** Everything that is left to chance follows from it. Default 1. */
  readonly seed?: number | string;
  /** Gets one line of text for everything that happens: for finding out why a seed fails. Slow. */
  readonly onTrace?: (line: string) => void;
}

export interface HostOptions {
  /** Default: the world's `lan` alone. */
  readonly segments?: readonly Segment[];
  /** Default: IPv4, and IPv6 on the link only. `both` has global IPv6 besides. */
  readonly addresses?: HostAddresses;
}

export interface PartitionOptions {
  /** Only what goes from the first hosts to the second is lost. Default false: both ways. */
  readonly oneWay?: boolean;
  /** Only on this segment. Default: on all. */
  readonly segment?: Segment;
}

export interface Partition {
  /** Other partitions stay. Healing twice does nothing. */
  heal(): void;
}

/** A network of hosts on virtual time. Nothing in it waits for real time: days pass in seconds, and each run of a seed is the same. */
export interface World {
  readonly seed: number | string;
  /** Virtual milliseconds since the world began. */
  readonly nowMs: number;
  /** Events that have happened. */
  readonly eventCount: number;
  /** For the choices of a scenario; hosts and network have streams of their own. */
  readonly random: VirtualRandom;
  /** The segment on which hosts are unless something else is said. */
  readonly lan: Segment;
  readonly hosts: readonly VirtualHost[];
  /** Adds a segment. No packet passes from one segment to another but through programs. */
  segment(name: string, options?: SegmentOptions): Segment;
  /** Adds a host, with power on and no program running. Its name resolves to its addresses. */
  host(name: string, options?: HostOptions): VirtualHost;
  /** Lets a name resolve to addresses; `undefined` takes it away. */
  setName(name: string, addresses: readonly string[] | undefined): void;
  /** Gives a name SRV records, most preferred first; `undefined` takes them away. */
  setService(name: string, locations: readonly ServiceLocation[] | undefined): void;
  /** Cuts the second hosts off from the first. Datagrams are lost; streams wait, and go on after healing as TCP does. */
  partition(first: readonly VirtualHost[], second: readonly VirtualHost[], options?: PartitionOptions): Partition;
  /** Ends all partitions. Links that are down stay down. */
  healAll(): void;
  /** Does something at a time of the world, or now if that has passed. */
  at(timeMs: number, action: () => void): void;
  /** Lets the world go on until `untilMs`. Rejects with what any program's callback threw. One run at a time. */
  run(untilMs: number): Promise<void>;
  runFor(durationMs: number): Promise<void>;
  /** Runs until `condition` holds, at most `withinMs` (default 60 s); tells whether it does. Asked after each event that ran a program. */
  runUntil(condition: () => boolean, withinMs?: number): Promise<boolean>;
  /** Runs until `promise` is settled, and is settled as it is. Rejects when it is not within `withinMs` (default 60 s). */
  complete<Value>(promise: Promise<Value>, withinMs?: number): Promise<Value>;
  /** Lets a turn of the real event loop pass, for programs that wait for something real (a dynamic import). No virtual time passes. */
  settle(): Promise<void>;
  /** Sums up all that has happened: equal for two runs exactly when they went the same way. */
  digest(): string;
}

const withinMsDefault = 60_000;

export function createWorld(options: WorldOptions = {}): World {
  const seed = options.seed ?? 1;
  const simulation = new Simulation(seed, options.onTrace);
  const topology = createTopology(simulation);
  const places = createPlaces(simulation, topology);
  const loop = createRunLoop(simulation);

  async function runUntil(condition: () => boolean, withinMs: number = withinMsDefault): Promise<boolean> {
    return loop.run(simulation.nowMs + withinMs, condition);
  }

  return {
    seed,
    get nowMs() {
      return simulation.nowMs;
    },
    get eventCount() {
      return simulation.eventCount;
    },
    random: simulation.random.fork('scenario'),
    ...places,
    at(timeMs, action) {
      simulation.at(timeMs, undefined, () => {
        simulation.trace.note('scenario', simulation.nowMs, 0, 0, 0);
        simulation.programRan();
        action();
      });
    },
    async run(untilMs) {
      await loop.run(untilMs, undefined);
    },
    async runFor(durationMs) {
      await loop.run(simulation.nowMs + durationMs, undefined);
    },
    runUntil,
    async complete(promise, withinMs = withinMsDefault) {
      let settled = false;
      const settle = (): void => {
        settled = true;
      };
      promise.then(settle, settle);
      if (await runUntil(() => settled, withinMs)) return promise;
      throw new Error(`not settled within ${withinMs} ms of virtual time (now ${simulation.nowMs} ms, seed ${seed})`);
    },
    settle: () => new Promise((resolve) => nextTurn(resolve)),
    digest: () => simulation.trace.digest(),
  };
}

type Places = Pick<World, 'lan' | 'hosts' | 'segment' | 'host' | 'setName' | 'setService' | 'partition' | 'healAll'>;

/** Segments and hosts by name, and what cuts them. */
function createPlaces(simulation: Simulation, topology: Topology): Places {
  const names: NameTable = { hosts: new Map(), services: new Map() };
  const datagrams = new DatagramNetwork(simulation, topology);
  const parts = { simulation, datagrams, streams: createStreamNetwork(simulation, topology), names };
  const segments = new Map<string, SegmentState>();
  const hostStates = new Map<string, HostState>();
  const hosts: VirtualHost[] = [];

  function segment(name: string, options: SegmentOptions = {}): Segment {
    assertName(name);
    if (segments.has(name)) throw new Error(`there is a segment ${name} already`);
    const state = topology.addSegment(name, conditionsOf(options.conditions), options.multicast ?? true);
    segments.set(name, state);
    return showSegment(state);
  }

  function statesOf(given: readonly VirtualHost[]): Set<HostState> {
    return new Set(given.map((host) => known(hostStates, host.name)));
  }

  const lan = segment('lan');
  return {
    lan,
    hosts,
    segment,
    host(name, options = {}) {
      assertName(name);
      if (hostStates.has(name)) throw new Error(`there is a host ${name} already`);
      const attachedTo = (options.segments ?? [lan]).map((one) => known(segments, one.name));
      const state = topology.addHost(name, attachedTo, options.addresses);
      const host = createVirtualHost(parts, topology, state);
      hostStates.set(name, state);
      hosts.push(host);
      names.hosts.set(name, addressesOfHost(state));
      return host;
    },
    setName(name, addresses) {
      if (addresses === undefined) names.hosts.delete(name.toLowerCase());
      else names.hosts.set(name.toLowerCase(), addresses);
    },
    setService(name, locations) {
      if (locations === undefined) names.services.delete(name.toLowerCase());
      else names.services.set(name.toLowerCase(), locations);
    },
    partition(first, second, options = {}) {
      const from = statesOf(first);
      const to = statesOf(second);
      const on = options.segment === undefined ? undefined : known(segments, options.segment.name);
      const cuts: Cut[] = [{ from, to, segment: on }];
      if (options.oneWay !== true) cuts.push({ from: to, to: from, segment: on });
      for (const cut of cuts) topology.cuts.add(cut);
      return {
        heal() {
          for (const cut of cuts) topology.cuts.delete(cut);
        },
      };
    },
    healAll: () => topology.cuts.clear(),
  };
}

function known<Value>(table: ReadonlyMap<string, Value>, name: string): Value {
  const value = table.get(name);
  if (value === undefined) throw new Error(`${name} is not of this world`);
  return value;
}
