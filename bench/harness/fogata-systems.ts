import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Cast, clientsOf, type Needs, type System } from './cast.ts';
import { fogataMain, type Stage } from './stage.ts';
import { clusterOf, dataOf, startAgent } from './start-agent.ts';

async function embedded(stage: Stage, needs: Needs): Promise<Cast> {
  const [port, beaconPort, cluster] = [await stage.port(), await stage.port(), clusterOf(stage)];
  const nodeOf = (name: string, seeds: readonly string[]) => ({ join: { name, cluster, port, beaconPort, seeds } });
  const names = Array.from({ length: Math.max(1, needs.subscribers) }, (_, i) => `server-${i}`);
  const servers = names.map((name, i) => nodeOf(name, i === 0 ? [] : [`127.0.0.1:${port}`]));
  const receiver = await stage.program('fogata-server', { places: servers }, true);
  const clients = await clientsOf(needs, (i) => {
    const place = nodeOf(`client-${i}`, [`127.0.0.1:${port}`]);
    return stage.program('fogata-client', { place, instances: names.length }, true);
  });
  return { clients, receiver };
}

/** The ring that `init` makes on the first host, given to the others as `join` would have. */
function seal(stage: Stage, cluster: string, names: readonly string[]): void {
  const [first = '', ...others] = names;
  stage.done(process.execPath, [fogataMain, 'init', '--cluster', cluster, '--data', dataOf(stage, first)]);
  for (const name of others) {
    mkdirSync(dataOf(stage, name), { recursive: true, mode: 0o700 });
    copyFileSync(join(dataOf(stage, first), 'keys.json'), join(dataOf(stage, name), 'keys.json'));
  }
}

async function throughAgents(stage: Stage, needs: Needs, sealed: boolean): Promise<Cast> {
  const cluster = clusterOf(stage);
  const names = Array.from({ length: Math.max(1, needs.subscribers) }, (_, i) => `far-${i}`);
  if (sealed) seal(stage, cluster, ['near', ...names]);
  const seed = await stage.port();
  const near = await startAgent(stage, { name: 'near', cluster, port: seed, seed: undefined });
  const places: { agent: string }[] = [];
  for (const name of names) {
    places.push({ agent: await startAgent(stage, { name, cluster, port: await stage.port(), seed }) });
  }
  const receiver = await stage.program('fogata-server', { places }, true);
  const clients = await clientsOf(needs, () =>
    stage.program('fogata-client', { place: { agent: near }, instances: names.length }, true),
  );
  return { clients, receiver };
}

export const fogataSystems: readonly System[] = [
  {
    name: 'fogata-embedded',
    note: 'join() on both sides: program to program',
    verbs: ['call', 'send', 'publish', 'bulk'],
    heavy: true,
    start: embedded,
  },
  {
    name: 'fogata-agents',
    note: 'connect() on both sides: program, agent, agent, program',
    notQuick: 'publish',
    verbs: ['call', 'send', 'publish', 'bulk'],
    heavy: true,
    start: (stage, needs) => throughAgents(stage, needs, false),
  },
  {
    name: 'fogata-agents-tls',
    note: 'the same in a cluster with a key: TLS 1.3 between the agents',
    verbs: ['call', 'send', 'bulk'],
    heavy: true,
    start: (stage, needs) => throughAgents(stage, needs, true),
  },
];
