import { partitionsOf } from '../../src/membership/partition.ts';
import { createMembershipCluster, type MembershipCluster, type Sighting } from './membership-cluster.ts';

export interface SplitOptions {
  readonly seed: string;
  readonly count: number;
  /** So many are on the first side; a cut drawn by index. */
  readonly firstSide: number;
  readonly splitMs: number;
}

/** What a phase costs: gossip with its headers, by UDP; synchronisations go by links and are counted only. */
export interface PhaseCost {
  readonly ms: number;
  readonly meanBytesPerSecond: number;
  /** Of the node that sends most. */
  readonly mostBytesPerSecond: number;
  readonly syncs: number;
}

export interface SplitReport {
  /** From the first start until all agreed. */
  readonly formedMs: number;
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
  readonly parted: PhaseCost;
  readonly healing: PhaseCost;
}

const stepMs = 100;
/** By then all that the formation had to tell has been told. */
const calmMs = 20_000;
const restMs = 10_000;
const healMs = 20_000;
const formMaxMs = 60_000;

/** Machines that know each other are cut in two, and healed; nobody helps them. */
export function runSplit(options: SplitOptions): SplitReport {
  const { count, splitMs } = options;
  const isFirst = (index: number): boolean => index < options.firstSide;
  const sizeOf = (index: number): number => (isFirst(index) ? options.firstSide : count - options.firstSide);
  const dead = { own: 0, all: 0 };
  const onSighting = ({ observer, member }: Sighting): void => {
    if (member.state !== 'dead') return;
    dead.all++;
    if (isFirst(observer) === isFirst(indexOf(member.name))) dead.own++;
  };
  const cluster = createMembershipCluster({ seed: options.seed, count, onSighting });
  const formedMs = form(cluster);
  cluster.run(calmMs);
  dead.own = dead.all = 0;

  const rest = measure(cluster, restMs);
  cluster.reach = (from, to) => isFirst(from) === isFirst(to);
  const isParted = (): boolean =>
    cluster.nodes.every(({ index, machine }) => {
      const counts = machine.counts();
      return counts.alive === sizeOf(index) - 1 && counts.dead === count - sizeOf(index);
    });
  let partedMs = Number.POSITIVE_INFINITY;
  const parted = measure(cluster, splitMs, (passedMs) => {
    if (partedMs === Number.POSITIVE_INFINITY && isParted()) partedMs = passedMs;
  });
  const seeIt = cluster.nodes.filter((node) => seesPartition(node, isFirst, count - sizeOf(node.index))).length;
  const ownDead = dead.own;

  dead.all = 0;
  cluster.reach = () => true;
  let healedMs = Number.POSITIVE_INFINITY;
  const healing = measure(cluster, healMs, (passedMs) => {
    if (healedMs === Number.POSITIVE_INFINITY && cluster.converged()) healedMs = passedMs;
  });
  return { formedMs, partedMs, seeIt, ownDead, healedMs, deadAfterHealing: dead.all, rest, parted, healing };
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

function measure(cluster: MembershipCluster, ms: number, onStep: (passedMs: number) => void = () => {}): PhaseCost {
  const { nodes } = cluster;
  const before = nodes.map(({ bytesSent, syncs }) => ({ bytesSent, syncs }));
  for (let passedMs = stepMs; passedMs <= ms; passedMs += stepMs) {
    cluster.run(stepMs);
    onStep(passedMs);
  }
  const rates = nodes.map(({ bytesSent, index }) => ((bytesSent - (before[index]?.bytesSent ?? 0)) * 1_000) / ms);
  return {
    ms,
    meanBytesPerSecond: Math.round(rates.reduce((sum, rate) => sum + rate, 0) / nodes.length),
    mostBytesPerSecond: Math.round(Math.max(...rates)),
    syncs: nodes.reduce((sum, node) => sum + node.syncs - (before[node.index]?.syncs ?? 0), 0),
  };
}

function seesPartition(
  { index, machine }: MembershipCluster['nodes'][number],
  isFirst: (index: number) => boolean,
  others: number,
): boolean {
  const [partition, ...more] = partitionsOf(machine.members());
  if (partition === undefined || more.length > 0 || partition.there.length !== others) return false;
  return partition.there.every((id) => isFirst(indexOf(machine.get(id)?.name ?? '')) !== isFirst(index));
}

function indexOf(name: string): number {
  return Number(name.slice('node-'.length));
}
