import { describe, expect, it } from 'vitest';
import { timingProfiles } from '../../src/membership/timing.ts';
import { deaths, formed } from './formed-cluster.ts';
import type { MembershipCluster } from './membership-cluster.ts';
import { runSplit } from './split-cluster.ts';

const packets = (cluster: MembershipCluster) => cluster.nodes.reduce((sum, node) => sum + node.packetsSent, 0);

/** Packets each sends in a second while nothing happens. */
function idleRate(count: number): number {
  const cluster = formed({ seed: 'many', count });
  cluster.run(20_000);
  const before = packets(cluster);
  cluster.run(20_000);
  return (packets(cluster) - before) / count / 20;
}

describe('many members', () => {
  it('cost each of them the same, however many there are', () => {
    const rates = [10, 40, 120].map(idleRate);
    expect(Math.max(...rates) - Math.min(...rates)).toBeLessThan(0.5);
  });

  it('100: a tenth of them killed at once is known to all within half a second, and nobody else dies', () => {
    const cluster = formed({ seed: 'tenth', count: 100 });
    const killed = new Set<string>();
    for (let i = 3; i < 100; i += 10) {
      killed.add(`node-${i}`);
      cluster.crash(i);
    }
    expect(cluster.runUntil(() => cluster.converged(), 20_000, 10)).toBeLessThanOrEqual(500);
    expect(deaths(cluster).filter(({ member }) => !killed.has(member.name))).toEqual([]);
  });

  it('100 cut 40 to 60: each sees one partition of the right size, it heals by itself, and traffic stays within bounds', () => {
    const report = runSplit({ seed: 'split', count: 100, firstSide: 40, splitMs: 60_000, crashed: 0 });
    expect(report.partedMs).toBeLessThanOrEqual(10_000);
    expect(report.seeIt).toBe(100);
    expect(report.ownDead).toBe(0);
    expect(report.healedMs).toBeLessThanOrEqual(2_000);
    expect(report.deadAfterHealing).toBe(0);
    expect(report.rest.mostBytesPerSecond).toBeLessThan(1_000);
    expect(report.parting.mostBytesPerSecond).toBeLessThan(6_000);
    expect(report.apart.mostBytesPerSecond).toBeLessThan(1_500);
    expect(report.healing.mostBytesPerSecond).toBeLessThan(7_000);
  });

  it('[M6] cut in halves cost each node the same once that is known, and less than in proportion until it is', () => {
    const [few, many] = [24, 96].map((count) =>
      runSplit({ seed: 'scale', count, firstSide: count / 2, splitMs: 60_000, crashed: 0 }),
    );
    const apart = [few, many].map((report) => report?.apart.meanBytesPerSecond ?? 0);
    expect(Math.max(...apart)).toBeLessThan(1.25 * Math.min(...apart));
    const ofParting = [few, many].map((report) => (report?.parting.meanBytesPerSecond ?? 0) - (apart[0] ?? 0));
    expect(ofParting[1]).toBeLessThan(3 * (ofParting[0] ?? 0));
  });

  // Where news takes longer than a suspicion: what the other half believes has several witnesses here before it is refuted.
  it('[M13] 120 in halves, whose news is slow: nobody is called dead once they are whole again', () => {
    const timing = { ...timingProfiles.lan, gossipIntervalMs: 600, suspicionFactor: 2 };
    const cluster = formed({ seed: 'slow news', count: 120, timing });
    const side = (index: number) => index < 60;
    cluster.reach = (from, to) => side(from) === side(to);
    const isParted = () => cluster.nodes.every(({ machine }) => machine.counts().dead === 60);
    expect(cluster.runUntil(isParted, 20_000, 100)).toBeLessThanOrEqual(15_000);
    cluster.run(10_000);
    cluster.sightings.length = 0;
    cluster.reach = () => true;
    expect(cluster.runUntil(() => cluster.converged(), 20_000, 20)).toBeLessThanOrEqual(5_000);
    expect(deaths(cluster)).toEqual([]);
  });

  it('100 in halves for two minutes: each half is whole, and all agree within 2 s of the healing', () => {
    const cluster = formed({ seed: 'halves', count: 100 });
    const side = (index: number) => index < 50;
    cluster.reach = (from, to) => side(from) === side(to);
    cluster.run(120_000);
    for (const { machine } of cluster.nodes) expect(machine.counts()).toMatchObject({ alive: 49, dead: 50 });
    const own = deaths(cluster).filter((it) => side(it.observer) === side(Number(it.member.name.slice(5))));
    expect(own).toEqual([]);
    cluster.sightings.length = 0;
    cluster.reach = () => true;
    expect(cluster.runUntil(() => cluster.converged(), 20_000, 20)).toBeLessThanOrEqual(2_000);
    expect(deaths(cluster)).toEqual([]);
  });
});
