import type { FogataNode } from '../node/node.ts';
import type { NodeOptions } from '../node/node-options.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { openKeyRing } from '../trust/key-ring.ts';
import type { RingState } from '../trust/ring-state.ts';
import type { Conditions } from './conditions.ts';
import type { VirtualProcess } from './virtual-host.ts';
import { createVirtualNode, type VirtualNode } from './virtual-node.ts';
import { createWorld, type World } from './world.ts';

export interface VirtualClusterOptions {
  /** Everything that is left to chance follows from it. Default 1. */
  readonly seed?: number | string;
  /** Each is alone on its host, on one LAN. Names are `n1`, `n2`, … */
  readonly nodes: number;
  readonly cluster?: string;
  /**
   * The ring each starts with; without one the cluster is open. Its cluster is `cluster`. A node that has lost its disk is
   * given the ring of another that is up, as who is invited again.
   */
  readonly ring?: RingState;
  /** What nodes are given in place of their process's runtime. Default: the same. */
  readonly runtimeOf?: (runtime: Runtime) => Runtime;
  /** Ways in which nodes look for each other. Default: all that a node has. */
  readonly methods?: NodeOptions['methods'];
  /** Of the LAN. Default: a quiet switched one. */
  readonly conditions?: Partial<Conditions>;
  /** Gets one line of text for everything that happens. Slow. */
  readonly onTrace?: (line: string) => void;
  /** A node is up, for the first time or again: the place to offer services and to start programs. */
  readonly onStarted?: (virtual: VirtualNode, node: FogataNode, process: VirtualProcess) => void;
}

/** Many real nodes on a virtual network: no code of theirs knows that it is one. */
export interface VirtualCluster {
  readonly world: World;
  readonly nodes: readonly VirtualNode[];
  /** Those that are up. */
  readonly live: readonly VirtualNode[];
  /** Nodes that could not start, as text; a scenario that breaks no disk expects none. */
  readonly problems: readonly string[];
  /** Starts those that never were, spread over `withinMs` (default 1 s). */
  startAll(withinMs?: number): void;
  /** Ends what is cut, frozen, slow or unplugged. Who is down stays down. */
  heal(): void;
  /** Stops all in order, and runs until they have. */
  stopAll(): Promise<void>;
}

export function createVirtualCluster(options: VirtualClusterOptions): VirtualCluster {
  const { seed = 1, cluster = 'virtual', conditions = {} } = options;
  const world = createWorld(options.onTrace === undefined ? { seed } : { seed, onTrace: options.onTrace });
  world.lan.setConditions(conditions);
  const initial = world.lan.conditions;
  const problems: string[] = [];
  const first = options.ring;

  const nodes: readonly VirtualNode[] = Array.from({ length: options.nodes }, (_, index) => {
    const name = `n${index + 1}`;
    return createVirtualNode({
      world,
      host: world.host(name),
      nodeOptions: {
        name,
        cluster,
        id: undefined,
        open: true,
        port: 7472,
        beaconPort: 7470,
        seeds: [],
        timing: 'lan',
        ...(options.methods === undefined ? {} : { methods: options.methods }),
      },
      ring: first === undefined ? undefined : () => ringToGive(nodes, index, first),
      runtimeOf: options.runtimeOf,
      onStarted: (virtual, node, process) => options.onStarted?.(virtual, node, process),
      onFailed: ({ name: failed }, error) => problems.push(`${failed} could not start: ${String(error)}`),
    });
  });

  return {
    world,
    nodes,
    get live() {
      return nodes.filter(({ node }) => node !== undefined);
    },
    problems,
    startAll(withinMs = 1_000) {
      for (const virtual of nodes) {
        if (virtual.run === 0) world.at(world.nowMs + world.random.next() * withinMs, () => virtual.start());
      }
    },
    heal() {
      world.healAll();
      world.lan.setConditions(initial);
      for (const { host } of nodes) {
        host.linkUp();
        host.disk.failWith(undefined);
      }
      for (const virtual of nodes) virtual.thaw();
    },
    async stopAll() {
      const stopped = nodes.map((virtual) => virtual.stop());
      await world.complete(Promise.all(stopped));
    },
  };
}

/** That of the node that has been up longest among those whose disk can be read. */
async function ringToGive(nodes: readonly VirtualNode[], to: number, first: RingState): Promise<RingState> {
  if (nodes[to]?.run === 1) return first;
  const up = nodes.filter(({ node }, index) => node !== undefined && index !== to);
  for (const { process } of up.sort((a, b) => a.changedAt - b.changedAt)) {
    const ring =
      process?.alive === true ? await openKeyRing(process.runtime.storage).catch(() => undefined) : undefined;
    if (ring !== undefined) return ring.state;
  }
  return first;
}
