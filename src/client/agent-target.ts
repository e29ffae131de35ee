import { FogataError } from '../protocol/fogata-error.ts';

/** Where an agent is reached: the path of its Unix socket, or its HTTP port. */
export type AgentTarget = { readonly path: string } | { readonly host: string; readonly port: number };

const httpPort = 80;

/** `/run/fogata/agent.sock`, `http://127.0.0.1:7471`. Throws FogataError `config`. */
export function agentTarget(where: string): AgentTarget {
  if (where === '') throw new FogataError('config', 'where the agent is must not be empty');
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(where)) return { path: where };
  const url = URL.canParse(where) ? new URL(where) : undefined;
  if (url === undefined || url.protocol !== 'http:' || url.hostname === '') {
    throw new FogataError('config', `an agent is at a socket's path or at http://HOST:PORT, not at ${where}`);
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return { host, port: url.port === '' ? httpPort : Number(url.port) };
}
