import { connect } from 'fogata';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgentUnderTest, runFogata, startAgent } from './fogata-process.ts';

let agent: AgentUnderTest;

beforeAll(async () => {
  agent = await startAgent('h1');
}, 30_000);
afterAll(() => agent.stop());

const fogata = (...args: string[]) => runFogata(args, agent.env).ended;
const json = async (...args: string[]) => JSON.parse((await fogata(...args, '--json')).stdout) as unknown;

/** Waits for the event itself. */
async function serviceUp(service: string): Promise<void> {
  await using mesh = await connect(agent.env['FOGATA_AGENT']);
  for await (const event of mesh.watch()) if (event.type === 'instance-up' && event.service === service) return;
}

describe('fogata', { timeout: 30_000 }, () => {
  it('shows who is there', async () => {
    expect(await json('nodes')).toMatchObject({
      posture: 'loopback',
      nodes: [{ name: 'h1', state: 'alive', rttMs: null, services: [], foundBy: [] }],
    });
    const { code, stdout, stderr } = await fogata('nodes');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/1 of 1 nodes alive\n\nNODE +STATE +SINCE +RTT +ADDRESS +SERVICES\nh1 \(here\) +alive/);
  });

  it('listens, answers, and withdraws at ctrl-C', async () => {
    const listening = runFogata(['listen', 'crm', '--reply', 'who=me', '--json'], agent.env);
    await serviceUp('crm');
    const [message, answered] = await Promise.all([
      listening.line('"PING"'),
      json('call', 'crm', 'PING', 'a=1', '--body', 'hi'),
    ]);
    expect(JSON.parse(message)).toMatchObject({
      from: { node: 'h1', service: '' },
      command: 'PING',
      params: { a: '1' },
      body: 'hi',
    });
    expect(answered).toMatchObject({
      outcome: 'answered',
      instance: { service: 'crm', node: 'h1' },
      reply: { params: { who: 'me' }, body: null },
    });
    expect(await json('send', 'crm', 'NOTE')).toMatchObject({ outcome: 'delivered', instances: [{ node: 'h1' }] });
    expect(await json('publish', 'crm', 'NEWS')).toMatchObject({ outcome: 'delivered', instances: [{ node: 'h1' }] });
    listening.process.kill('SIGINT');
    expect((await listening.ended).code).toBe(130);
    expect(await json('services')).toEqual({ services: [] });
  });

  it('runs a command for each message', async () => {
    const script = 'tr a-z A-Z; [ "$FOGATA_PARAM_MOOD" = bad ] && { echo broken >&2; exit 3; }; exit 0';
    const listening = runFogata(['listen', 'upper', '--exec', script, '--count', '2'], agent.env);
    await serviceUp('upper');
    expect(await fogata('call', 'upper', 'shout', '--body', 'quiet')).toMatchObject({ code: 0, stdout: 'QUIET' });
    const bad = await fogata('call', 'upper', 'shout', 'mood=bad');
    expect(bad.code).toBe(1);
    expect(bad.stderr).toMatch(/refused \(failed\): the command exited with 3: broken/);
    expect((await listening.ended).code).toBe(0);
  });

  it('says what was wrong, in one line, by its exit code', async () => {
    const nobody = await fogata('call', 'nobody', 'PING');
    expect(nobody).toMatchObject({ code: 1, stdout: '' });
    expect(nobody.stderr).toMatch(/^refused \(no-instance\): nobody serves nobody/);
    const noAgent = await fogata('--agent', '/nowhere/agent.sock', 'nodes');
    expect(noAgent).toMatchObject({ code: 3, stdout: '' });
    expect(noAgent.stderr).toBe('fogata: no agent at /nowhere/agent.sock. Start one with: fogata up\n');
    const slip = await fogata('nodse');
    expect(slip).toMatchObject({ code: 2, stderr: "fogata: unknown command 'nodse' (Did you mean nodes?)\n" });
    const option = await fogata('nodes', '--jsn');
    expect(option).toMatchObject({ code: 2, stderr: "fogata: unknown option '--jsn' (Did you mean --json?)\n" });
    const name = await fogata('call', 'CRM', 'PING');
    expect(name).toMatchObject({
      code: 2,
      stderr: 'fogata: address: "CRM" has capital letters: names are lower-case\n',
    });
  });

  it('completes verbs, options and services', async () => {
    expect((await fogata('completion', 'bash')).stdout).toContain('# bash completion for fogata');
    expect((await fogata('complete', '--', 'no')).stdout).toMatch(/^nodes\t/);
    expect((await fogata('complete', '--', 'call', '--bo')).stdout).toMatch(/^--body\t/);
  });
});
