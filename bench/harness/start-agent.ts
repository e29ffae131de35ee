import { join } from 'node:path';
import type { Stage } from './stage.ts';

export interface AgentPlace {
  readonly name: string;
  readonly cluster: string;
  readonly port: number;
  /** The port of one who is there already. */
  readonly seed: number | undefined;
  /** `HOST:PORT`; undefined: none. */
  readonly http?: string;
  /** `SERVICE=URL` */
  readonly serve?: string;
}

/** An agent of this stage, ready. Returns its socket. */
export async function startAgent(stage: Stage, place: AgentPlace): Promise<string> {
  const { name, cluster, port, seed, http = 'off', serve } = place;
  const socket = join(stage.folder, `${name}.sock`);
  const where = ['--name', name, '--cluster', cluster, '--socket', socket, '--data', dataOf(stage, name)];
  const network = ['--http', http, '--port', String(port), ...(seed ? ['--seed', `127.0.0.1:${seed}`] : [])];
  const served = serve === undefined ? [] : ['--serve', serve];
  await stage.fogata(['--json', 'up', ...where, ...network, ...served], /"ready": ?true/);
  return socket;
}

export const dataOf = (stage: Stage, name: string): string => join(stage.folder, name);

/** Its own, so that nobody else of this host takes part. */
export const clusterOf = (stage: Stage): string => `bench-${stage.folder.split('-').at(-1)?.toLowerCase() ?? ''}`;
