import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AgentsBed, agentsBed, instancesOf } from '../../test/agent/agents-bed.ts';
import { listen } from '../../test/agent/proxy-bed.ts';
import type { ChecksView } from '../api/checks-view.ts';
import type { Mesh } from '../api/mesh.ts';
import { askAgent } from '../client/ask-agent.ts';
import { checkSpecs } from './checks/check-specs.ts';
import type { RuleReport } from './service-rules.ts';

let bed: AgentsBed;

beforeEach(async () => {
  bed = await agentsBed();
});

afterEach(() => bed.end());

/** Something to wait for. */
function signal(): { readonly given: Promise<void>; give(): void } {
  let give = (): void => undefined;
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { given, give: () => give() };
}

/** Resolves once an instance is seen in this state. */
async function isIn(mesh: Mesh, service: string, state: string): Promise<void> {
  for await (const event of mesh.watch()) {
    if ('instance' in event && event.service === service && event.instance.state === state) return;
  }
}

describe('an instance', () => {
  it('is drained from another host, ends what it has, stays so over a restart, and is let go again', async () => {
    const a = await bed.agent('a');
    const b = await bed.agent('b');
    const caller = await bed.program('a');
    const served = await bed.program('b');
    const begun = signal();
    const done = signal();
    await served.serve('crm', {
      slow: async () => {
        begun.give();
        await done.given;
        return { body: 'whole' };
      },
      quick: () => ({ body: 'here' }),
    });
    await instancesOf(caller, 'crm', 1);
    const slow = caller.call('crm', 'slow');
    await begun.given;

    const at = '/v1/services/crm/instances/b';
    expect(await askAgent(a.socket, 'PATCH', at, { drained: true, weight: 20 })).toMatchObject({
      ...{ node: 'b', state: 'draining', drained: true, weight: 20, inFlight: 1 },
    });
    await isIn(caller, 'crm', 'draining');
    expect(await caller.call('crm', 'quick')).toMatchObject({ outcome: 'refused' });
    done.give();
    expect(await slow).toMatchObject({ outcome: 'answered', reply: { body: 'whole' } });
    expect(await askAgent(a.socket, 'GET', at)).toMatchObject({ drained: true, inFlight: 0 });

    await b.stop();
    await bed.agent('b');
    const stands = async () => (await askAgent(a.socket, 'GET', at).catch(() => undefined)) as RuleReport | undefined;
    while ((await stands())?.state !== 'draining') await new Promise((resolve) => setImmediate(resolve));
    expect(await askAgent(a.socket, 'PATCH', at, { drained: false, weight: null })).toMatchObject({
      ...{ state: 'up', drained: false, weight: 100 },
    });
    await isIn(caller, 'crm', 'up');
    expect(await caller.call('crm', 'quick')).toMatchObject({ outcome: 'answered' });
  });

  it('of nobody, and a node that is none, cannot be drained', async () => {
    const a = await bed.agent('a');
    await bed.agent('b');
    await bed.node('plain');
    const mesh = await bed.program('a');
    for await (const event of mesh.watch()) if ('node' in event && event.node.name === 'plain') break;
    const drain = (node: string, service: string) =>
      askAgent(a.socket, 'PATCH', `/v1/services/${service}/instances/${node}`, { drained: true });
    await expect(drain('b', 'crm')).rejects.toMatchObject({ code: 'no-instance' });
    await expect(drain('nowhere', 'crm')).rejects.toMatchObject({ code: 'not-found' });
    await expect(drain('plain', 'crm')).rejects.toMatchObject({ code: 'no-instance' });
    const outcome = await mesh.call('fogata.agent@b', 'rule', { body: { service: 'crm', change: { drained: true } } });
    expect(outcome).toMatchObject({ outcome: 'refused', code: 'no-instance' });
    await expect(mesh.serve('fogata.agent', () => undefined)).rejects.toMatchObject({ code: 'invalid' });
  });

  it('whose program says how it is, is that; and down when it says nothing any more', async () => {
    const a = await bed.agent('a');
    const program = await bed.program('a');
    const registration = await program.serve('crm', () => undefined, { heartbeatWithinMs: 400 });
    registration.heartbeat('warning', 'the queue is long');
    await isIn(program, 'crm', 'warning');
    const view = async () => (await askAgent(a.socket, 'GET', '/v1/checks')) as ChecksView;
    expect(await view()).toMatchObject({
      programs: [{ by: 'program', state: 'warning', checks: [{ way: 'heartbeat', output: 'the queue is long' }] }],
    });
    await isIn(program, 'crm', 'down');
    expect((await view()).programs[0]?.note).toBe('no heartbeat for 400 ms');
    registration.heartbeat();
    await isIn(program, 'crm', 'up');
  });

  it('of a plain program that tells its load with an answer has that load elsewhere, and nobody sees the header', async () => {
    const server = createServer((request, response) => {
      response.setHeader('fogata-load', request.url === '/busy' ? '0.7' : '0.2');
      response.end();
    });
    const url = `http://127.0.0.1:${await listen(server)}`;
    const a = await bed.agent('a');
    const checks = checkSpecs({ service: 'crm', url }, []);
    await bed.agent('b', { serve: [{ service: 'crm', url, weight: 100, labels: {}, checks }] });
    const mesh = await bed.program('a');
    await isIn(mesh, 'crm', 'up');
    const loadSeen = async () => (await mesh.services()).services[0]?.instances[0]?.load;
    const proxy = `http://${a.status().agent.http}/to/crm`;
    const response = await fetch(`${proxy}/busy`);
    expect(response.headers.get('fogata-load')).toBeNull();
    expect(await loadSeen()).toBe(0.7);
    await mesh.call('crm', 'idle');
    expect(await loadSeen()).toBe(0.2);
    server.closeAllConnections();
    server.close();
  });
});
