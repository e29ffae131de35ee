import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import type { AgentConfig } from '../../src/agent/agent-config.ts';
import { type RunningAgent, startAgent } from '../../src/agent/start-agent.ts';
import type { Mesh } from '../../src/api/mesh.ts';
import { freePort } from '../../src/cli/demo/free-port.ts';
import { connect } from '../../src/client/connect.ts';
import { type JoinOptions, join } from '../../src/node/join.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { agentConfigOf } from './agent-config-of.ts';

/** Agents, and nodes of a cluster of its own, in this process; all of it is ended by `end`. */
export interface AgentsBed {
  readonly root: string;
  agent(name: string, given?: Partial<AgentConfig>): Promise<RunningAgent & { readonly socket: string }>;
  /** A program beside the agent of that name. */
  program(agent: string): Promise<Mesh>;
  /** A node in this process. */
  node(name: string, given?: JoinOptions): Promise<Mesh>;
  end(): Promise<void>;
}

export async function agentsBed(): Promise<AgentsBed> {
  const root = await mkdtemp(joinPath(tmpdir(), 'fogata-'));
  const ends: (() => Promise<unknown>)[] = [];
  const cluster = `bed-${process.pid}-${ends.length}-${await freePort()}`;
  const socketOf = (name: string) => joinPath(root, name, 'agent.sock');
  return {
    root,
    async agent(name, given = {}) {
      const config = await agentConfigOf(root, name, { cluster, ...given });
      const agent = await startAgent(config, silentLog);
      ends.push(() => agent.stop());
      return Object.assign(agent, { socket: config.socket });
    },
    async program(agent) {
      const mesh = await connect(socketOf(agent));
      ends.push(() => mesh.close());
      return mesh;
    },
    async node(name, given = {}) {
      const mesh = await join({ name, cluster, port: await freePort(), ...given });
      ends.push(() => mesh.close());
      return mesh;
    },
    async end() {
      for (const end of ends.reverse()) await end();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** Resolves once the mesh knows so many instances of a service. */
export async function instancesOf(mesh: Mesh, service: string, count: number): Promise<void> {
  const stop = new AbortController();
  const seen = new Set<string>();
  for await (const event of mesh.watch({ signal: stop.signal })) {
    if ('instance' in event && event.service === service) {
      if (event.type === 'instance-gone' || event.instance.state === 'down') seen.delete(event.instance.node);
      else seen.add(event.instance.node);
    }
    if (seen.size >= count) return stop.abort();
  }
}

/** Who asks and who serves. */
export type Pair = readonly [Mesh, Mesh];

/** All ways in which two programs can be apart. */
export const pairings: readonly (readonly [string, (bed: AgentsBed) => Promise<Pair>])[] = [
  ['node to node', async (bed) => [await bed.node('a'), await bed.node('b')]],
  [
    'program to program through two agents',
    async (bed) => {
      await bed.agent('a');
      await bed.agent('b');
      return [await bed.program('a'), await bed.program('b')];
    },
  ],
  [
    'program to program through one agent',
    async (bed) => {
      await bed.agent('a');
      return [await bed.program('a'), await bed.program('a')];
    },
  ],
  [
    'a node to itself',
    async (bed) => {
      const one = await bed.node('a');
      return [one, one];
    },
  ],
];
