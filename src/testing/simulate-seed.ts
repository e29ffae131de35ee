import { type OwnMethod, ownMethods } from '../discovery/discovery.ts';
import { newRing } from '../trust/ring-state.ts';
import { startCaller } from './caller-program.ts';
import { checkBounds, checkIdle, checkPunctual, checkStopped } from './check-bounds.ts';
import { checkCalls, latestExecutionMs } from './check-calls.ts';
import { checkStreams } from './check-streams.ts';
import { checkSteady, checkViews } from './check-views.ts';
import { describeFault, type Fault, type FaultKind, planFaults } from './fault-plan.ts';
import { createHistory, type History } from './history.ts';
import { performFaults } from './perform-faults.ts';
import { rotateKeys } from './rotate-keys.ts';
import { startServed } from './served-program.ts';
import { createVirtualCluster, type VirtualCluster } from './virtual-cluster.ts';
import { createVirtualRandom } from './virtual-random.ts';
import { compareWatched, type WatchedView, watchNode } from './watched-view.ts';

export interface SeedOptions {
  readonly seed: number | string;
  readonly nodes: number;
  /** Virtual minutes under faults; healing and coming to rest are added. */
  readonly minutes: number;
  /** Default: all kinds. */
  readonly kinds?: readonly FaultKind[];
  /** Mean pause between two faults. Default 2 s. */
  readonly faultPauseMs?: number;
  /** In place of faults drawn from the seed. */
  readonly faults?: readonly Fault[];
  /** With a key, that all have from the start. Default false. */
  readonly sealed?: boolean;
  /** With a key: mean pause between two rotations. Default: none. */
  readonly rotateMs?: number;
  readonly onTrace?: (line: string) => void;
}

export interface SeedResult {
  readonly seed: number | string;
  /** What broke a rule, one line each; empty when all is well. */
  readonly failures: readonly string[];
  /** What was done to the cluster, one line each. */
  readonly faults: readonly string[];
  readonly digest: string;
  readonly virtualMs: number;
  readonly events: number;
  /** From the healing until all live nodes agreed; Infinity when they did not. */
  readonly convergeMs: number;
  readonly calls: number;
  readonly streams: number;
  readonly executions: number;
  /** How long after its deadline the latest execution was. */
  readonly latestExecutionMs: number;
  /** Settlements by outcome. */
  readonly outcomes: Readonly<Record<string, number>>;
}

/** After healing all live nodes are to agree within this time. */
export const convergeMaxMs = 30_000;

/** From the last call until all must be settled: above the longest deadline. */
const restMs = 14_000;

/** From the healing until nobody is degraded any more: who was frozen for long says so for 20 s, who came and went is damped for 30 s. */
const steadyMs = 50_000;

/** A node needs so long to form with the others before it is struck. */
const formMs = 3_000;

const boundsIntervalMs = 10_000;
const convergeStepMs = 250;
const failuresMax = 24;

const serviceNames = ['alpha', 'beta', 'gamma', 'delta'] as const;
/** The first is served by every second node, …, the last by the first node alone. */
const servedByOneIn = [2, 3, 5] as const;
const calledNames = [...serviceNames, 'nobody'] as const;

/** Calls a second in the whole cluster. */
const callsPerSecond = 10;

/** One random life of a cluster: faults, healing, agreement, rest, and the end of all nodes. */
export async function simulateSeed(options: SeedOptions): Promise<SeedResult> {
  const life = beginLife(options);
  const { cluster, failures } = life;
  const untilMs = formMs + options.minutes * 60_000;
  const faults = options.faults ?? planned(cluster, options);
  let convergeMs = Number.POSITIVE_INFINITY;
  try {
    cluster.startAll();
    await cluster.world.run(formMs);
    performFaults(cluster, faults, untilMs);
    if (options.rotateMs !== undefined) {
      rotateKeys(cluster, cluster.world.random.fork('rotations'), options.rotateMs, untilMs);
    }
    while (cluster.world.nowMs < untilMs) {
      await cluster.world.run(Math.min(untilMs, cluster.world.nowMs + boundsIntervalMs));
      failures.push(...checkBounds(cluster.nodes, life.idsStarted.size));
    }
    cluster.heal();
    convergeMs = await converge(life);
    await rest(life);
    await end(life);
  } catch (error) {
    failures.push(
      `threw at ${cluster.world.nowMs.toFixed(1)}: ${error instanceof Error ? error.stack : String(error)}`,
    );
  }
  return resultOf(options, life, faults, convergeMs);
}

/** One way by which all hear each other, as on most networks not all pass, or all at once. */
function methodsOf(seed: number | string): ReadonlySet<OwnMethod> {
  const draw = createVirtualRandom(seed).fork('methods').next();
  if (draw < 0.4) return new Set(['multicast', 'remembered']);
  if (draw < 0.8) return new Set(['broadcast', 'remembered']);
  return ownMethods;
}

interface Life {
  readonly cluster: VirtualCluster;
  readonly history: History;
  readonly failures: string[];
  readonly watched: Map<string, WatchedView>;
  readonly idsStarted: Set<string>;
  readonly endPrograms: Map<string, () => void>;
  healedAt: number;
  changing: boolean;
  calling: boolean;
}

function beginLife({ seed, nodes, sealed, onTrace }: SeedOptions): Life {
  const history = createHistory();
  const watched = new Map<string, WatchedView>();
  const idsStarted = new Set<string>();
  const cluster = createVirtualCluster({
    seed,
    nodes,
    methods: methodsOf(seed),
    ...(sealed === true ? { ring: newRing('virtual', new Uint8Array(32).fill(7), 0) } : {}),
    ...(onTrace === undefined ? {} : { onTrace }),
    onStarted(virtual, node, process) {
      const at = { node: virtual, run: virtual.run };
      const random = cluster.world.random.fork(`${virtual.name}#${virtual.run}`);
      const index = cluster.nodes.indexOf(virtual);
      idsStarted.add(node.id);
      watched.set(virtual.name, watchNode(node));
      const program = { history, at, node, process };
      const endServed = startServed({
        ...program,
        random: random.fork('serves'),
        services: serviceNames.filter((_, nth) => index % (servedByOneIn[nth] ?? nodes) === 0),
        changeMs: 60_000,
        isWanted: () => life.changing,
      });
      const endCaller = startCaller({
        ...program,
        random: random.fork('calls'),
        services: calledNames,
        pauseMs: (nodes / callsPerSecond) * 1_000,
        isWanted: () => life.calling,
      });
      life.endPrograms.set(virtual.name, () => {
        endServed();
        endCaller();
      });
    },
  });
  const life: Life = {
    cluster,
    history,
    failures: [],
    watched,
    idsStarted,
    endPrograms: new Map(),
    healedAt: 0,
    changing: true,
    calling: true,
  };
  return life;
}

function planned({ world }: VirtualCluster, { nodes, minutes, kinds, faultPauseMs = 2_000 }: SeedOptions) {
  const plan = { nodes, durationMs: minutes * 60_000, pauseMs: faultPauseMs };
  return planFaults(world.random.fork('faults'), kinds === undefined ? plan : { ...plan, kinds });
}

/** Calls go on meanwhile; what is served changes no more, or there would be nothing to agree on. */
async function converge(life: Life): Promise<number> {
  const { cluster, failures } = life;
  const { world, nodes } = cluster;
  life.changing = false;
  const healedAt = world.nowMs;
  life.healedAt = healedAt;
  for (;;) {
    const differences = checkViews(nodes);
    const tookMs = world.nowMs - healedAt;
    if (differences.length === 0) return tookMs;
    if (tookMs >= convergeMaxMs) {
      failures.push(...differences.map((text) => `${convergeMaxMs} ms after healing: ${text}`));
      return Number.POSITIVE_INFINITY;
    }
    await world.runFor(convergeStepMs);
  }
}

async function rest(life: Life): Promise<void> {
  const { cluster, history, failures, watched } = life;
  const { world, nodes } = cluster;
  life.calling = false;
  await world.run(Math.max(world.nowMs + restMs, life.healedAt + steadyMs));
  failures.push(...cluster.problems);
  failures.push(...[...checkViews(nodes), ...checkSteady(nodes)].map((text) => `at rest: ${text}`));
  failures.push(...checkCalls(history, world.nowMs));
  failures.push(...checkStreams(history, world.nowMs));
  failures.push(...checkIdle(nodes), ...checkPunctual(nodes), ...checkBounds(nodes, life.idsStarted.size));
  for (const { name, node } of cluster.live) {
    const view = watched.get(name);
    if (node === undefined || view === undefined) continue;
    failures.push(...compareWatched(view, node).map((text) => `a watcher of ${name}: ${text}`));
  }
}

/** Longer than a link may linger for the other side's end. */
const lingerMs = 5_000;

async function end({ cluster, failures, endPrograms }: Life): Promise<void> {
  const live = [...cluster.live];
  for (const endOne of endPrograms.values()) endOne();
  await cluster.stopAll();
  await cluster.world.runFor(lingerMs);
  failures.push(...checkStopped(live));
}

function resultOf(options: SeedOptions, life: Life, faults: readonly Fault[], convergeMs: number): SeedResult {
  const { cluster, history, failures } = life;
  const outcomes: Record<string, number> = {};
  let executions = 0;
  for (const record of history.calls.values()) {
    executions += record.executions.length;
    for (const { outcome, code } of record.settlements) {
      const key = code === undefined ? outcome : `${outcome}(${code})`;
      outcomes[key] = (outcomes[key] ?? 0) + 1;
    }
  }
  const more = failures.length - failuresMax;
  return {
    seed: options.seed,
    failures: more > 0 ? [...failures.slice(0, failuresMax), `and ${more} more`] : [...failures],
    faults: faults.map(describeFault),
    digest: cluster.world.digest(),
    virtualMs: cluster.world.nowMs,
    events: cluster.world.eventCount,
    convergeMs,
    calls: history.calls.size,
    streams: history.streams.size,
    executions,
    latestExecutionMs: latestExecutionMs(history),
    outcomes,
  };
}
