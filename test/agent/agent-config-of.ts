import { join } from 'node:path';
import type { AgentConfig } from '../../src/agent/agent-config.ts';
import { freePort } from '../../src/cli/demo/free-port.ts';

/** What an agent of a test is started with: its files below `root`, ports that are free, nobody to be found. */
export async function agentConfigOf(
  root: string,
  name: string,
  given: Partial<AgentConfig> = {},
): Promise<AgentConfig & { readonly socket: string }> {
  return {
    name,
    cluster: `test-${process.pid}`,
    open: false,
    port: await freePort(),
    http: { host: '127.0.0.1', port: await freePort() },
    dns: undefined,
    socket: join(root, name, 'agent.sock'),
    data: join(root, name, 'data'),
    seeds: [],
    advertise: [],
    strategies: new Map(),
    profile: undefined,
    detectWithinMs: undefined,
    serve: [],
    log: { level: 'silent', format: 'json' },
    ...given,
  };
}
