import { partitionsOf } from '../../src/membership/partition.ts';
import { createMembershipCluster, type MembershipCluster, type Sighting } from './membership-cluster.ts';

export interface SplitOptions {
  readonly seed: string;
  readonly count: number;
  /** So many are on the first side; a cut drawn by index. */
  readonly firstSide: number;
  readonly splitMs: number;
  /** So many hosts are silent from before the cut to the end of it; 0: that phase is left out. */
  readonly crashed: number;
}

/** What a phase costs each node: gossip with its headers, by UDP; synchronisations, that go by links, without. */
export interface PhaseCost {
  readonly ms: number;
  readonly meanPacketsPerSecond: number;
  readonly meanBytesPerSecond: number;
  /** Of the node that sends most. */
  readonly mostBytesPerSecond: number;
  readonly syncs: number;
  readonly meanSyncBytesPerSecond: number;
}

export interface SplitReport {
  /** From the first start until all agreed. */
  readonly formedMs: number;
  /** From the silence of the crashed until none of the others counts them as live. */
  readonly crashKnownMs: number;
  /** From the cut until each node held exactly the other side for dead. */
  readonly partedMs: number;
  /** Nodes that, at the end of the cut, see one partition: all of the other side and nobody else. */
  readonly seeIt: number;
  /** Deaths of members of the observer's own side while it lasted. */
  readonly ownDead: number;
  /** From the healing until all agreed again. */
  readonly healedMs: number;
  /** Deaths told after the healing. */
  readonly deadAfterHealing: number;
  readonly rest: PhaseCost;
  readonly crash: PhaseCost | undefined;
  /** The first half of the cut, in which the other side is found dead, and the second, in which nothing happens. */
  readonly parting: PhaseCost;
  readonly apart: PhaseCost;
  readonly healing: PhaseCost;
}

const stepMs = 100;
/** By then all that the formation had to tell has been told. */
const calmMs = 20_000;
const restMs = 10_000;
const crashMs = 20_000;
const healMs = 20_000;
const formMaxMs = 60_000;

/** Machines that know each other are cut in two, and healed; nobody helps them. */
export function runSplit(options: SplitOptions): SplitReport {
  const { count, splitMs, crashed } = options;
  const isFirst = (index: number): boolean => index < options.firstSide;
  const dead = { own: 0, all: 0 };
  const onSighting = ({ observer, member }: Sighting): void => {
    if (member.state !== 'dead') return;
    dead.all++;
    if (isFirst(observer) === isFirst(indexOf(member.name))) dead.own++;
  };
  const cluster = createMembershipCluster({ seed: options.seed, count: count + crashed, onSighting });
  const formedMs = form(cluster);
  cluster.run(calmMs);
  const rest = measure(cluster, restMs);

  let crashKnownMs = 0;
  let crash: PhaseCost | undefined;
  if (crashed > 0) {
    for (let index = count; index < count + crashed; index++) cluster.kill(index);
    const known = until(() => cluster.converged());
    crash = measure(cluster, crashMs, known.look);
    crashKnownMs = known.afterMs();
    cluster.run(calmMs);
  }

  dead.own = dead.all = 0;
  const sides = running(cluster).map(({ index }) => isFirst(index));
  const sizeOf = (index: number): number => sides.filter((side) => side === isFirst(index)).length;
  cluster.reach = (from, to) => isFirst(from) === isFirst(to);
  const sizes = [sizeOf(count - 1), sizeOf(0)];
  const parted = until(() =>
    running(cluster).every(({ index, machine }) => {
      const counts = machine.counts();
      const own = sizes[Number(isFirst(index))] as number;
      return counts.alive === own - 1 && counts.dead === count + crashed - own;
    }),
  );
  const parting = measure(cluster, splitMs / 2, parted.look);
  const apart = measure(cluster, splitMs / 2, parted.look);
  const others = (index: number): number => sizes[Number(!isFirst(index))] as number;
  const seeIt = running(cluster).filter((node) => seesPartition(node, isFirst, others(node.index))).length;
  const ownDead = dead.own;

  dead.all = 0;
  cluster.reach = () => true;
  const healed = until(() => cluster.converged());
  const healing = measure(cluster, healMs, healed.look);
  const times = { formedMs, crashKnownMs, partedMs: parted.afterMs(), healedMs: healed.afterMs() };
  return { ...times, seeIt, ownDead, deadAfterHealing: dead.all, rest, crash, parting, apart, healing };
}

function running(cluster: MembershipCluster): MembershipCluster['nodes'] {
  return cluster.nodes.filter((node) => node.running);
}

/** How long it took until the condition held; looked at each step, of one measurement after the other. */
function until(condition: () => boolean): { look(): void; afterMs(): number } {
  let passedMs = 0;
  let heldMs = Number.POSITIVE_INFINITY;
  return {
    look() {
      passedMs += stepMs;
      if (heldMs === Number.POSITIVE_INFINITY && condition()) heldMs = passedMs;
    },
    afterMs: () => heldMs,
  };
}

function form(cluster: MembershipCluster): number {
  for (const { index } of cluster.nodes) {
    cluster.run(1);
    cluster.start(index);
    if (index > 0) cluster.seedWith(index, Math.floor(index / 8));
  }
  while (!cluster.converged()) {
    if (cluster.now() > formMaxMs) throw new Error(`not formed within ${formMaxMs} ms`);
    // Discovery asks its seeds again and again; here somebody has to.
    for (const { index, machine } of cluster.nodes) if (machine.counts().alive === 0) cluster.seedWith(index, 0);
    cluster.run(stepMs);
  }
  return cluster.now();
}

function measure(cluster: MembershipCluster, ms: number, onStep: () => void = () => {}): PhaseCost {
  const nodes = running(cluster);
  const before = nodes.map(({ packetsSent, bytesSent, syncs, syncBytesSent }) => ({
    packetsSent,
    bytesSent,
    syncs,
    syncBytesSent,
  }));
  for (let passedMs = stepMs; passedMs <= ms; passedMs += stepMs) {
    cluster.run(stepMs);
    onStep();
  }
  const grown = (what: 'packetsSent' | 'bytesSent' | 'syncs' | 'syncBytesSent'): number[] =>
    nodes.map((node, nth) => node[what] - (before[nth]?.[what] ?? 0));
  const perSecond = (counts: readonly number[]): number =>
    Math.round((counts.reduce((sum, one) => sum + one, 0) * 10_000) / nodes.length / ms) / 10;
  return {
    ms,
    meanPacketsPerSecond: perSecond(grown('packetsSent')),
    meanBytesPerSecond: perSecond(grown('bytesSent')),
    mostBytesPerSecond: Math.round((Math.max(...grown('bytesSent')) * 1_000) / ms),
    syncs: grown('syncs').reduce((sum, one) => sum + one, 0),
    meanSyncBytesPerSecond: perSecond(grown('syncBytesSent')),
  };
}

function seesPartition(
  { index, machine }: MembershipCluster['nodes'][number],
  isFirst: (index: number) => boolean,
  others: number,
): boolean {
  // Those who crashed before the cut are a group of their own.
  const partition = partitionsOf(machine.members()).at(-1);
  if (partition === undefined || partition.there.length !== others) return false;
  return partition.there.every((id) => isFirst(indexOf(machine.get(id)?.name ?? '')) !== isFirst(index));
}

function indexOf(name: string): number {
  return Number(name.slice('node-'.length));
}
