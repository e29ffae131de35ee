import { request } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AgentStatus } from '../../../src/agent/agent-status.ts';
import type { NodesView, ServicesView } from '../../../src/api/views.ts';
import type { Child } from './child.ts';
import type { Host, Lab } from './lab.ts';
import { memoryOf } from './memory.ts';

const main = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));

export interface AgentOptions {
  readonly name: string;
  readonly isOpen: boolean;
  readonly http: string;
  /** SERVICE=URL */
  readonly serve: readonly string[];
  readonly seeds: readonly string[];
  readonly advertise: readonly string[];
  /** Further ones of `fogata up`. */
  readonly flags: readonly string[];
  /** For what is tried once, or measured. */
  readonly nodeFlags: readonly string[];
  /** Commands of a shell that go before, in the mount namespace of the agent alone. */
  readonly prelude: string;
}

/** A running `fogata up`. */
export interface Agent {
  readonly name: string;
  readonly host: Host;
  readonly process: Child;
  readonly socket: string;
  /** `performance.now()` when it said that it is ready. */
  readonly readyAt: number;
  /** Its API, by its Unix socket, so from outside the namespace. Rejects when the status is not 200. */
  get(path: string): Promise<unknown>;
  nodes(): Promise<NodesView>;
  services(): Promise<ServicesView>;
  status(): Promise<AgentStatus>;
  /** Resident memory, in MiB. */
  memory(): number;
  kill(): Promise<void>;
}

/** Begins it; `readyAgent` waits for it. The same name in the same lab has the same data as before. */
export function launchAgent(lab: Lab, host: Host, given: Partial<AgentOptions> & { readonly name: string }) {
  const options = {
    isOpen: true,
    http: '7471',
    serve: [],
    seeds: [],
    advertise: [],
    flags: [],
    nodeFlags: [],
    prelude: ':',
    ...given,
  };
  const socket = join(lab.folder, `${options.name}.sock`);
  const process = host.start('sh', [
    ...['-c', `${options.prelude} && exec "$@"`, 'sh', 'node'],
    ...options.nodeFlags,
    main,
    '--json',
    'up',
    ...['--name', options.name],
    ...['--socket', socket],
    ...['--data', join(lab.folder, options.name)],
    ...['--http', options.http],
    ...(options.isOpen ? ['--open'] : []),
    ...options.serve.flatMap((target) => ['--serve', target]),
    ...options.seeds.flatMap((seed) => ['--seed', seed]),
    ...options.advertise.flatMap((address) => ['--advertise', address]),
    ...options.flags,
  ]);
  return { name: options.name, host, socket, process };
}

export type LaunchedAgent = ReturnType<typeof launchAgent>;

export async function readyAgent({ name, host, socket, process }: LaunchedAgent): Promise<Agent> {
  await process.says(readyLine);
  const readyAt = performance.now();
  const get = (path: string) => getJson(socket, path);
  return {
    name,
    host,
    process,
    socket,
    readyAt,
    get,
    nodes: () => get('/v1/nodes') as Promise<NodesView>,
    services: () => get('/v1/services') as Promise<ServicesView>,
    status: () => get('/v1/status') as Promise<AgentStatus>,
    memory: () => memoryOf(process.pid),
    kill: () => process.kill(),
  };
}

export const startAgent = (lab: Lab, host: Host, options: Partial<AgentOptions> & { readonly name: string }) =>
  readyAgent(launchAgent(lab, host, options));

const readyLine = /"ready": ?true/;

function getJson(socketPath: string, path: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, path, headers: { host: 'localhost' }, timeout: 20_000 }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve(JSON.parse(text));
        else reject(new Error(`GET ${path}: ${response.statusCode ?? 0} ${text}`));
      });
    });
    sent.on('timeout', () => sent.destroy(new Error(`GET ${path}: no answer within 20 s`)));
    sent.on('error', reject);
    sent.end();
  });
}
