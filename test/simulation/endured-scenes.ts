import { createVirtualRandom } from '../../src/testing/virtual-random.ts';
import { deaths, formed } from './formed-cluster.ts';
import type { MembershipCluster } from './membership-cluster.ts';

/** Two minutes of something that is bad and kills nobody [M13] [M14] [M15]. */
export interface EnduredScene {
  readonly name: string;
  /** What was said of members that it is not true of, one line each. The same seed gives the same life. */
  run(seed: string): readonly string[];
}

const sceneMs = 120_000;
const stoppedMs = 8_000;
const awakeMs = 1;

/** The node that hears little. */
const deaf = 3;

/** Doubts of others that one deaf node may cause among all: fewer than if all the others heard of one. */
const doubtsMax = 20;

function describeChanges(cluster: MembershipCluster, isWrong: (observer: number, member: string) => boolean): string[] {
  return deaths(cluster)
    .filter(({ observer, member }) => isWrong(observer, member.name))
    .map(({ at, observer, member }) => `${member.name} dead for node-${observer} at ${Math.round(at)} ms`);
}

/** Each datagram is lost with this chance, in both directions. */
export function lossScene(count: number, loss: number): EnduredScene {
  return {
    name: `loss ${loss} among ${count}`,
    run(seed) {
      const cluster = formed({ seed, count });
      cluster.loss = loss;
      cluster.run(sceneMs);
      return describeChanges(cluster, () => true);
    },
  };
}

/** What one node is sent is lost with this chance; what it sends arrives. */
export function deafScene(count: number, loss: number): EnduredScene {
  return {
    name: `one of ${count} that hears nothing of ${loss}`,
    run(seed) {
      const cluster = formed({ seed, count });
      const random = createVirtualRandom(seed).fork('deaf');
      cluster.reach = (_, to) => to !== deaf || random.next() >= loss;
      cluster.run(sceneMs);
      const name = `node-${deaf}`;
      // Who hears nothing at all may be called dead: no call reaches it.
      const isWrong = (observer: number, member: string): boolean =>
        observer !== deaf && (member !== name || loss <= 0.3);
      const doubts = cluster.sightings.filter(
        ({ observer, member }) => observer !== deaf && member.name !== name && member.state !== 'alive',
      );
      const wrong = describeChanges(cluster, isWrong);
      return doubts.length < doubtsMax ? wrong : [...wrong, `${doubts.length} doubts of others than the deaf one`];
    },
  };
}

/** Lifeguard's torture: the first nodes are stopped for 8 s and awake for 1 ms, each at a time of its own, over and over. */
export function slowScene(count: number, slow: number): EnduredScene {
  return {
    name: `${slow} of ${count} awake for 1 ms every 8 s`,
    run(seed) {
      const cluster = formed({ seed, count });
      const random = createVirtualRandom(seed).fork('slow');
      const nextAt = Array.from({ length: slow }, () => cluster.now() + random.next() * stoppedMs);
      for (const endsAt = cluster.now() + sceneMs; cluster.now() < endsAt; ) {
        const at = Math.min(...nextAt);
        cluster.run(Math.max(0, at - cluster.now()));
        nextAt.forEach((due, index) => {
          if (due > cluster.now()) return;
          cluster.freeze(index, stoppedMs);
          nextAt[index] = cluster.now() + stoppedMs + awakeMs;
        });
      }
      return [...describeChanges(cluster, () => true), ...tooManyChanges(cluster, slow)];
    },
  };
}

/** Of each slow node one change is due, of each other none; as seen by those that are well. */
function tooManyChanges(cluster: MembershipCluster, slow: number): string[] {
  const found: string[] = [];
  for (const { index } of cluster.nodes) {
    for (let observer = slow; observer < cluster.nodes.length; observer++) {
      const told = cluster.sightings.filter(
        (it) => it.observer === observer && it.member.name === `node-${index}` && it.member.state !== it.previous,
      );
      if (told.length <= (index < slow ? 1 : 0)) continue;
      found.push(`node-${index} for node-${observer}: ${told.map((it) => it.member.state).join(', ')}`);
    }
  }
  return found;
}

export const enduredScenes: readonly EnduredScene[] = [
  ...[16, 32].flatMap((count) => [0.05, 0.1, 0.2, 0.3].map((loss) => lossScene(count, loss))),
  ...[16, 32].flatMap((count) => [0.3, 0.6, 0.9, 1].map((loss) => deafScene(count, loss))),
  ...[1, 4, 8].map((slow) => slowScene(32, slow)),
];
