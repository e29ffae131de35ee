import { describe, expect, it } from 'vitest';
import { all, formed, seeds } from './formed-cluster.ts';

/** One host of many is cut off until the others are sure of its death and `knownMs` longer; then it is back for `restMs`. */
function healed(seed: string, count: number, restMs: number, knownMs = 3_300, loss = 0) {
  const cluster = formed({ seed, count });
  const { nodes, sightings } = cluster;
  cluster.loss = loss;
  let isCut = true;
  cluster.reach = (from, to) => !isCut || (from === 2) === (to === 2);
  expect(cluster.runUntil(all(cluster, 2, 'dead'), 10_000)).toBeLessThanOrEqual(3_000);
  cluster.run(knownMs);
  sightings.length = 0;
  isCut = false;
  const isWhole = () => nodes.every((a) => nodes.every((b) => a === b || cluster.view(a.index, b.index) === 'alive'));
  const healedMs = cluster.runUntil(isWhole, 60_000);
  cluster.run(restMs);
  return { cluster, healedMs };
}

describe('one host that was cut off for some seconds and is back', () => {
  it.each([3, 4, 10, 32])(
    '[M13] of %i makes no other change for another, though it took all of them for dead',
    (count) => {
      for (const seed of seeds(count > 10 ? 2 : 10)) {
        const { cluster, healedMs } = healed(seed, count, 1_500);
        expect(healedMs).toBeLessThanOrEqual(1_000);
        const elsewhere = cluster.sightings.filter((it) => it.observer !== 2 && it.member.name !== 'node-2');
        expect(elsewhere.filter((it) => it.member.state !== 'alive')).toEqual([]);
      }
    },
  );

  // What it had lost while it was alone counted as their coming and going: their next death was shown after 15 s.
  it.each([3, 4, 10])('[M14] [M16] of %i sees another fall silent as soon as everybody else does', (count) => {
    for (const seed of seeds(40)) {
      const { cluster } = healed(seed, count, 1_500);
      const victim = count - 1 === 2 ? 1 : count - 1;
      cluster.kill(victim);
      expect(cluster.runUntil(all(cluster, victim, 'dead'), 30_000)).toBeLessThanOrEqual(2_500);
    }
  });

  // It was at the end of its suspicions of the others when it was healed, and called them dead beside their first words.
  it('[M13] calls nobody dead any more once it hears somebody', () => {
    for (const seed of seeds(45)) {
      const { cluster } = healed(seed, 10, 3_000, 1_500);
      const said = cluster.sightings.filter((it) => it.observer === 2);
      const firstAlive = said.findIndex((it) => it.member.state === 'alive');
      expect(firstAlive, seed).toBeGreaterThanOrEqual(0);
      expect(said.slice(firstAlive).filter((it) => it.member.state === 'dead')).toEqual([]);
    }
  });

  // Few looked for their dead once a second, and one lost packet was another second: 3.4 s at worst of 500 seeds.
  it('[M8] of 3 that lose a tenth of all packets is seen by all within 0.6 s', () => {
    for (const seed of seeds(60)) {
      const { healedMs } = healed(seed, 3, 0, 3_000, 0.1);
      expect(healedMs, seed).toBeLessThanOrEqual(600);
    }
  });

  it('[M8] is looked for often for two minutes, and then once a second', () => {
    const cluster = formed({ seed: 'looked for', count: 3 });
    cluster.reach = (from, to) => (from === 2) === (to === 2);
    cluster.run(10_000);
    const perSecond = (ms: number): number[] => {
      const before = cluster.nodes.map(({ bytesSent }) => bytesSent);
      cluster.run(ms);
      return cluster.nodes.map(({ bytesSent }, nth) => (bytesSent - (before[nth] ?? 0)) / (ms / 1_000));
    };
    // At rest a node of a whole cluster of three sends 500 B/s.
    for (const bytes of perSecond(60_000)) expect(bytes).toBeLessThanOrEqual(1_400);
    cluster.run(70_000);
    for (const bytes of perSecond(60_000)) expect(bytes).toBeLessThanOrEqual(800);
  });

  it('[M14] is itself again within two seconds', () => {
    for (const seed of seeds(20)) {
      const { cluster } = healed(seed, 10, 2_000);
      expect(cluster.nodes[2]?.machine.counts().health).toBeLessThanOrEqual(1);
    }
  });
});
