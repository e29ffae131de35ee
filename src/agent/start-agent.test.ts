import { Resolver } from 'node:dns/promises';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { agentConfigOf } from '../../test/agent/agent-config-of.ts';
import { undisturbedTime } from '../../test/undisturbed-time.ts';
import type { Mesh } from '../api/mesh.ts';
import { freePort } from '../cli/demo/free-port.ts';
import { connect } from '../client/connect.ts';
import { silentLog } from '../runtime/log.ts';
import type { AgentConfig } from './agent-config.ts';
import { checkSpecs } from './checks/check-specs.ts';
import { nodeOptions, type RunningAgent, startAgent } from './start-agent.ts';

let root: string;
const configOf = (name: string, given?: Partial<AgentConfig>) => agentConfigOf(root, name, given);
const agents: RunningAgent[] = [];
const meshes: Mesh[] = [];
const servers: Server[] = [];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'fogata-'));
});

afterEach(async () => {
  await Promise.all(meshes.splice(0).map((mesh) => mesh.close()));
  await Promise.all(agents.splice(0).map((agent) => agent.stop()));
  for (const server of servers.splice(0)) server.close();
  await rm(root, { recursive: true });
});

async function agentOf(config: AgentConfig): Promise<RunningAgent> {
  const agent = await startAgent(config, silentLog);
  agents.push(agent);
  return agent;
}

async function meshAt(agent: string): Promise<Mesh> {
  const mesh = await connect({ agent });
  meshes.push(mesh);
  return mesh;
}

/** Two agents that know of each other by a seed. */
async function pair(given: Partial<AgentConfig> = {}) {
  const a = await configOf('a');
  const b = await configOf('b', { seeds: [{ host: '127.0.0.1', port: a.port }], ...given });
  return { a, b, agentA: await agentOf(a), agentB: await agentOf(b) };
}

/** Resolves at the first event for which this holds. */
async function seen(mesh: Mesh, holds: (event: { readonly type: string }) => boolean): Promise<void> {
  for await (const event of mesh.watch()) if (holds(event)) return;
}

describe('two agents on one host', () => {
  it('a program behind one reaches a program behind the other, by socket and by upgraded HTTP', async () => {
    const { a, b } = await pair();
    const caller = await meshAt(a.socket);
    const server = await meshAt(`http://127.0.0.1:${b.http?.port}`);
    await server.serve('notes', ({ body, from }) => ({ body: `${JSON.stringify(body)} for ${from.node}` }));
    await seen(caller, (event) => 'service' in event && event.service === 'notes');
    const outcome = await caller.call('notes', 'add', { body: 'milk' });
    expect(outcome).toMatchObject({
      outcome: 'answered',
      instance: { service: 'notes', node: 'b' },
      reply: { body: '"milk" for a' },
    });
    const gone = seen(caller, (event) => event.type === 'instance-gone');
    await server.close();
    await gone;
    expect(await caller.call('notes', 'add')).toMatchObject({ outcome: 'refused', code: 'no-instance' });
  });

  it('a plain HTTP program is reached through the other agent, by HTTP and by messages', async () => {
    const crm = createServer((request, response) => response.end(`${request.method} ${request.url}`));
    servers.push(crm);
    await new Promise<void>((resolve) => crm.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(crm.address() as AddressInfo).port}`;
    const { a } = await pair({
      serve: [{ service: 'crm', url, weight: 100, labels: {}, checks: checkSpecs({ service: 'crm', url }, []) }],
    });
    const mesh = await meshAt(a.socket);
    await seen(mesh, (event) => 'instance' in event && JSON.stringify(event).includes('"up"'));
    const origin = `http://127.0.0.1:${a.http?.port}`;
    expect(await (await fetch(`${origin}/to/crm/leads?x=1`)).text()).toBe('GET /leads?x=1');
    const outcome = await fetch(`${origin}/v1/call/crm/leads?x=1`, { method: 'POST' });
    expect(await outcome.json()).toMatchObject({ outcome: 'answered', instance: { node: 'b' } });
  });

  it('names are answered by DNS, straight where it is of this host, until the agent stops', async () => {
    const dns = { host: '127.0.0.1', port: await freePort(), required: true };
    const { a, b, agentA } = await pair();
    const server = await meshAt(b.socket);
    const agentC = await agentOf(await configOf('c', { dns, seeds: [{ host: '127.0.0.1', port: a.port }] }));
    expect([agentA.status().agent.dns, agentC.status().agent.dns]).toEqual([null, `127.0.0.1:${dns.port}`]);
    await server.serve('postgres', () => undefined, { endpoint: '127.0.0.1:5432' });
    await seen(
      await meshAt(agentC.status().agent.socket),
      (event) => 'service' in event && event.service === 'postgres',
    );
    const resolver = new Resolver({ timeout: 10_000, tries: 1 });
    resolver.setServers([`127.0.0.1:${dns.port}`]);
    expect(await resolver.resolveSrv('_postgres._tcp.fogata')).toMatchObject([
      { name: 'postgres.b.node.fogata', port: 5_432, priority: 0, weight: expect.any(Number) as number },
    ]);
    expect(await resolver.resolve4('postgres.b.node.fogata')).toEqual(['127.0.0.1']);
    await expect(resolver.resolve4('nobody.fogata')).rejects.toMatchObject({ code: 'ENOTFOUND' });
    await expect(startAgent(await configOf('d', { dns }), silentLog)).rejects.toMatchObject({ code: 'address-in-use' });
    await agentC.stop();
    expect((await agentOf(await configOf('e', { dns }))).status().agent.dns).toBe(`127.0.0.1:${dns.port}`);
  });
});

describe('an agent alone', () => {
  it('speaks HTTP on its socket too, and says how it is', async () => {
    const config = await configOf('a', { http: undefined });
    const agent = await agentOf(config);
    const mesh = await meshAt(config.socket);
    expect((await mesh.nodes()).nodes).toHaveLength(1);
    expect(agent.status()).toMatchObject({ name: 'a', agent: { http: null, socket: config.socket, programs: 1 } });
    const { request } = await import('node:http');
    const text = await new Promise<string>((resolve, reject) => {
      const get = request(
        { socketPath: config.socket, path: '/v1/status', headers: { host: 'localhost' } },
        (response) => {
          let body = '';
          response.on('data', (chunk: Buffer) => (body += chunk.toString()));
          response.on('end', () => resolve(body));
        },
      );
      get.on('error', reject);
      get.end();
    });
    expect(JSON.parse(text)).toMatchObject({ name: 'a', posture: 'loopback' });
    expect((await stat(config.socket)).mode & 0o777).toBe(0o600);
  });

  it('stops within 2 s with a program that still works, and leaves no socket and no lock', async () => {
    const config = await configOf('a');
    const agent = await agentOf(config);
    const mesh = await meshAt(config.socket);
    let onWork = () => {};
    const working = new Promise<void>((resolve) => (onWork = resolve));
    let end = () => {};
    await mesh.serve('slow', () => {
      onWork();
      return new Promise<void>((resolve) => (end = resolve));
    });
    void mesh.call('slow', 'wait');
    await working;
    const stopMs = undisturbedTime();
    await agent.stop();
    expect(stopMs()).toBeLessThan(2_000);
    end();
    expect(await readdir(join(root, 'a'))).toEqual(['data']);
    expect(await readdir(config.data)).not.toContain('agent.lock');
  });

  it.each([
    ['the data directory', ({ data }: AgentConfig) => ({ data }), /uses this data directory/],
    ['the socket', ({ socket }: AgentConfig) => ({ socket }), /another agent listens there already/],
    ['the HTTP port', ({ http }: AgentConfig) => ({ http }), /the HTTP port is in use/],
  ])('does not start where another has %s, and leaves nothing behind', async (_, taken, message) => {
    const a = await configOf('a');
    await agentOf(a);
    const b = await configOf('b', taken(a));
    await expect(startAgent(b, silentLog)).rejects.toThrow(message);
    const retried = await agentOf({ ...b, ...(await configOf('b')) });
    expect(retried.status().name).toBe('b');
  });

  it('says so when the socket’s path is too long', async () => {
    const socket = join(root, 'x'.repeat(110));
    await expect(startAgent(await configOf('a', { socket }), silentLog)).rejects.toThrow(/too long for a socket/);
  });
});

it.each([
  [{}, 'local', undefined],
  [{ open: true }, 'lan', undefined],
  [{ open: true, profile: 'wan' as const }, 'wan', undefined],
  [{ detectWithinMs: 700 }, 'local', 700],
])('%j gives a node the times of %s and the goal %j', async (given, timing, detectWithinMs) => {
  expect(nodeOptions(await configOf('a', given), undefined)).toMatchObject({ timing, detectWithinMs });
});
