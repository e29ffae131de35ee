import { type ClusterOptions, createMembershipCluster, type MembershipCluster } from './membership-cluster.ts';

export const seeds = (count: number) => Array.from({ length: count }, (_, i) => `s${i}`);

/** All start within 10 ms and know one of them, or hear each other's beacons. */
export function starting(options: ClusterOptions, how: 'seed' | 'beacons'): MembershipCluster {
  const cluster = createMembershipCluster(options);
  for (let i = 0; i < options.count; i++) {
    cluster.run(10 / options.count);
    cluster.start(i);
    if (how === 'beacons') cluster.beaconing(i);
    else if (i > 0) cluster.seedWith(i, 0);
  }
  return cluster;
}

/** A cluster that has come to rest. */
export function formed(options: ClusterOptions): MembershipCluster {
  const cluster = starting(options, 'seed');
  for (let turn = 0; turn < 20 && cluster.runUntil(() => cluster.converged(), 2_000, 20) === Infinity; turn++) {
    // Discovery asks its seeds again and again; here somebody has to.
    for (const { index, machine } of cluster.nodes) if (machine.counts().alive === 0) cluster.seedWith(index, 0);
  }
  if (!cluster.converged()) throw new Error(`${options.count} have not formed, seed ${options.seed}`);
  cluster.run(3_000);
  cluster.sightings.length = 0;
  return cluster;
}

export const all = (cluster: MembershipCluster, index: number, state: string) => () =>
  cluster.nodes.every((node) => !node.running || node.index === index || cluster.view(node.index, index) === state);

export const deaths = (cluster: MembershipCluster) => cluster.sightings.filter((it) => it.member.state === 'dead');
