import type { Fault } from './fault-plan.ts';
import type { VirtualCluster } from './virtual-cluster.ts';
import type { VirtualNode } from './virtual-node.ts';
import type { Partition } from './world.ts';

/** Lets the faults happen, counted from now. What would go on after `untilMs` ends there, but a crash for good. */
export function performFaults(cluster: VirtualCluster, faults: readonly Fault[], untilMs: number): void {
  const { world } = cluster;
  const from = world.nowMs;
  for (const fault of faults) {
    world.at(from + fault.atMs, () => {
      const end = begin(cluster, fault);
      if (end === undefined || fault.ms === Number.POSITIVE_INFINITY) return;
      world.at(Math.min(from + fault.atMs + fault.ms, untilMs), end);
    });
  }
}

/** Returns how it ends; undefined where there was nothing to strike. */
function begin(cluster: VirtualCluster, fault: Fault): (() => void) | undefined {
  const { world } = cluster;
  const struck = fault.nodes.flatMap((index) => cluster.nodes[index] ?? []);
  switch (fault.kind) {
    case 'partition':
    case 'one-way':
    case 'isolate':
      return cut(cluster, fault, struck);
    case 'network': {
      const before = world.lan.conditions;
      world.lan.setConditions(fault.conditions);
      return () => world.lan.setConditions(before);
    }
    case 'clock':
      for (const { host } of struck) host.setWallOffset(fault.clockMs);
      return undefined;
    case 'disk':
      for (const { host } of struck) host.disk.failWith(fault.disk);
      return () => {
        for (const { host } of struck) host.disk.failWith(undefined);
      };
    case 'unplug':
      for (const { host } of struck) host.linkDown();
      return () => {
        for (const { host } of struck) host.linkUp();
      };
    default:
      return strikeOne(fault, struck[0]);
  }
}

function cut({ world, nodes }: VirtualCluster, { kind, wipes }: Fault, struck: readonly VirtualNode[]): () => void {
  const inside = struck.map(({ host }) => host);
  const outside = nodes.filter((one) => !struck.includes(one)).map(({ host }) => host);
  const oneWay = kind === 'one-way';
  // Of a cut one way either side may be the deaf one.
  const [first, second] = wipes ? [inside, outside] : [outside, inside];
  const partition: Partition = world.partition(first, second, { oneWay });
  return () => partition.heal();
}

function strikeOne({ kind, wipes }: Fault, struck: VirtualNode | undefined): (() => void) | undefined {
  if (struck === undefined || struck.node === undefined) return undefined;
  const { run } = struck;
  const startAgain = () => {
    if (struck.run !== run) return;
    // A program that was stopped in order ends by itself; its process is still there.
    struck.process?.kill();
    if (kind === 'crash' && wipes) struck.wipeDisk();
    struck.start();
  };
  // A frozen program cannot be asked to stop: nobody is there to hear it.
  if (kind === 'stop' && struck.process?.frozen === true) return undefined;
  if (kind === 'freeze') {
    struck.freeze();
    return () => struck.thaw();
  }
  if (kind === 'stop') void struck.stop();
  else if (kind === 'power') struck.powerOff();
  else struck.crash();
  return startAgain;
}
