import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AgentsBed, agentsBed, instancesOf } from '../../test/agent/agents-bed.ts';
import { silentLog } from '../runtime/log.ts';
import { systemClock } from '../runtime/system-clock.ts';
import { connect } from './connect.ts';
import { directMesh } from './direct-mesh.ts';

let bed: AgentsBed;
beforeEach(async () => {
  bed = await agentsBed();
});
afterEach(() => bed.end());

describe('connect({ direct: true })', () => {
  it('is a node of its own, that knows at once what its agent knows', async () => {
    const agent = await bed.agent('a');
    await bed.agent('b');
    const server = await bed.program('b');
    await server.serve('echo', ({ from }) => ({ body: { from: from.node } }));
    await instancesOf(await bed.program('a'), 'echo', 1);
    await using mesh = await connect({ agent: agent.socket, direct: true });
    expect(['a', 'b']).not.toContain(mesh.self.name);
    expect(await mesh.call('echo', 'say')).toMatchObject({
      outcome: 'answered',
      instance: { node: 'b' },
      reply: { body: { from: mesh.self.name } },
    });
    await mesh.serve('near', () => ({ body: 'here' }));
    await instancesOf(server, 'near', 1);
    expect(await server.call('near', 'ask')).toMatchObject({ instance: { node: mesh.self.name } });
  });

  it('is no more where its agent goes before it knows what that knows', async () => {
    await bed.agent('a');
    const agent = await bed.program('a');
    const { cluster } = agent.self;
    const others = async () => (await agent.nodes()).nodes.filter(({ name }) => name !== 'a');
    const turn = () => new Promise(setImmediate);
    const services = async () => {
      while ((await others()).length === 0) await turn();
      throw new Error('the agent is gone');
    };
    const tools = { clock: systemClock(), log: silentLog, withinMs: 5_000 };
    const address = (await agent.nodes()).nodes[0]?.address ?? '';
    const facts = { cluster, posture: 'loopback', port: Number(address.split(':').at(-1)) } as const;
    await expect(directMesh({ ...agent, self: agent.self, services }, facts, tools)).rejects.toThrow('gone');
    while ((await others()).some(({ state }) => state !== 'left')) await turn();
  });

  it('goes through the agent where the cluster has a key', async () => {
    await bed.agent('a');
    const agent = await bed.program('a');
    const facts = { cluster: agent.self.cluster, posture: 'sealed', port: 1 } as const;
    const tools = { clock: systemClock(), log: silentLog, withinMs: 100 };
    expect(await directMesh(agent, facts, tools)).toBeUndefined();
  });
});
