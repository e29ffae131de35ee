import { all, deaths, formed } from './formed-cluster.ts';
import type { MembershipCluster, Sighting } from './membership-cluster.ts';

/** What befalls one member, in the order in which a life plays it. */
export const lifeActs = ['join', 'kill', 'cut', 'heal', 'stop', 'leave'] as const;
export type LifeAct = (typeof lifeActs)[number];

/** One life of a cluster: how long each act took until all others knew, in virtual ms, and who was called what he was not. */
export interface Life {
  readonly ms: Readonly<Record<LifeAct, number>>;
  readonly wrongs: readonly string[];
}

const restMs = 5_000;
/** Shorter than what makes a member dead that stands still. */
const stoppedMs = 9_000;
const giveUpMs = 60_000;
const [killed, cutOff, stopped, leaving] = [1, 2, 3, 0];

/**
 * `count` members of whom each datagram is lost with the chance `loss`; one more joins, then one is killed and started anew, another cut
 * off and healed, the one that joined or the fourth stopped for nine seconds, and one leaves [M4] [M5] [M7] [M12] [M15].
 */
export function liveLife(seed: string, count: number, loss: number): Life {
  const cluster = formed({ seed, count: count + 1 });
  cluster.leave(count);
  cluster.run(restMs);
  cluster.loss = loss;
  cluster.run(restMs);
  cluster.sightings.length = 0;
  const until = (condition: () => boolean, stepMs = 5): number => cluster.runUntil(condition, giveUpMs, stepMs);
  const rest = (): void => cluster.run(restMs);

  cluster.start(count);
  cluster.beaconing(count);
  const join = until(all(cluster, count, 'alive'));
  rest();
  cluster.crash(killed);
  const kill = until(all(cluster, killed, 'dead'), 1);
  const startedAt = cluster.now();
  cluster.start(killed);
  cluster.beaconing(killed);
  rest();
  const cutAt = cluster.now();
  cluster.reach = (from, to) => (from === cutOff) === (to === cutOff);
  const cut = until(all(cluster, cutOff, 'dead'));
  rest();
  const healedAt = cluster.now();
  cluster.reach = () => true;
  const heal = until(() => seeAllAlive(cluster));
  rest();
  cluster.freeze(stopped, stoppedMs);
  const stop = until(all(cluster, stopped, 'degraded'));
  cluster.run(stoppedMs);
  rest();
  cluster.leave(leaving);
  const leave = until(all(cluster, leaving, 'left'), 1);
  rest();
  return { ms: { join, kill, cut, heal, stop, leave }, wrongs: falselyDead(cluster, { startedAt, cutAt, healedAt }) };
}

function seeAllAlive(cluster: MembershipCluster): boolean {
  const running = cluster.nodes.filter((node) => node.running);
  return running.every((one) =>
    running.every((other) => one === other || cluster.view(one.index, other.index) === 'alive'),
  );
}

/** When each was what it was rightly called. */
interface Moments {
  readonly startedAt: number;
  readonly cutAt: number;
  readonly healedAt: number;
}

/**
 * Who was killed is dead until it is started anew; who was cut off, for the others, until it is healed, and they for that
 * one until it has heard of one of them.
 */
function falselyDead(cluster: MembershipCluster, { startedAt, cutAt, healedAt }: Moments): string[] {
  const heardAt = cluster.sightings.find(
    ({ at, observer, member }) => observer === cutOff && at >= healedAt && member.state === 'alive',
  )?.at;
  const isRight = ({ at, observer, member: { name } }: Sighting): boolean => {
    if (name === `node-${killed}` && at < startedAt) return true;
    if (at < cutAt) return false;
    return observer === cutOff ? at < (heardAt ?? Infinity) : name === `node-${cutOff}` && at < healedAt;
  };
  return deaths(cluster)
    .filter((death) => !isRight(death))
    .map(({ at, observer, member }) => `${member.name} dead for node-${observer} at ${Math.round(at)} ms`);
}
