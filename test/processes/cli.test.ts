import { connect } from 'fogata';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgentUnderTest, run, runFogata, startAgent } from './fogata-process.ts';

let agent: AgentUnderTest;

beforeAll(async () => {
  agent = await startAgent('h1');
});
afterAll(() => agent.stop());

const fogata = (...args: string[]) => runFogata(args, agent.env).ended;
const json = async (...args: string[]) => JSON.parse((await fogata(...args, '--json')).stdout) as unknown;

/** Waits for the event itself. */
async function serviceUp(service: string): Promise<void> {
  await using mesh = await connect(agent.env['FOGATA_AGENT']);
  for await (const event of mesh.watch()) if (event.type === 'instance-up' && event.service === service) return;
}

/** Looks on from before `leave`: afterwards it might be gone already. */
async function serviceLeaves(service: string, leave: () => void): Promise<void> {
  await using mesh = await connect(agent.env['FOGATA_AGENT']);
  for await (const event of mesh.watch()) {
    if (!('instance' in event) || event.service !== service) continue;
    if (event.type === 'instance-up') leave();
    else if (event.instance.state !== 'up') return;
  }
}

describe('fogata', () => {
  it('shows who is there', async () => {
    expect(await json('nodes')).toMatchObject({
      posture: 'loopback',
      nodes: [{ name: 'h1', state: 'alive', rttMs: null, services: [], foundBy: [] }],
    });
    const { code, stdout, stderr } = await fogata('nodes');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/1 of 1 nodes alive\n\nNODE +STATE +SINCE +RTT +ADDRESS +SERVICES\nh1 \(here\) +alive/);
  });

  it('tells what changes until ctrl-C, and what keeps this host busy', async () => {
    const watching = runFogata(['nodes', '--watch', '--json'], agent.env);
    expect(JSON.parse(await watching.line('"ready"'))).toEqual({ type: 'ready' });
    watching.process.kill('SIGINT');
    expect(await watching.ended).toMatchObject({ code: 130, stderr: '' });
    expect(await json('nodes', '--load')).toHaveProperty('load.terms');
  });

  it('explains a choice to those who make one', async () => {
    const listening = runFogata(['listen', 'told', '--json'], agent.env);
    await serviceUp('told');
    expect(await json('send', 'told', 'X', '--explain')).toMatchObject({ decisions: [{ chosen: 'h1' }] });
    expect(await json('resolve', 'told')).toMatchObject({ address: 'told', chosen: 'h1', candidateCount: 1 });
    expect(await fogata('publish', 'told', 'X', '--explain')).toMatchObject({ code: 2 });
    listening.process.kill('SIGINT');
    await listening.ended;
  });

  it('measures the way to the agent, and to a service that knows nothing of it', async () => {
    const listening = runFogata(['listen', 'paced', '--json'], agent.env);
    await serviceUp('paced');
    expect(await json('bench', 'paced', '--seconds', '1', '--depth', '4')).toMatchObject({
      hops: [
        { hop: 'program-agent', node: 'h1', service: null, depth: 4, failed: 0 },
        { hop: 'program-service', node: 'h1', service: 'paced', depth: 4, failed: 0 },
      ],
    });
    listening.process.kill('SIGINT');
    await listening.ended;
    expect(await fogata('bench', '--depth', '65')).toMatchObject({ code: 2 });
  });

  it('listens, answers, and withdraws at ctrl-C', async () => {
    const listening = runFogata(['listen', 'crm', '--reply', 'who=me', '--json'], agent.env);
    await serviceUp('crm');
    const [message, answered] = await Promise.all([
      listening.line('"PING"'),
      json('call', 'crm', 'PING', 'a=1', '--body', 'hi'),
    ]);
    expect(JSON.parse(message)).toMatchObject({
      type: 'message',
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
    const [nobody, elsewhere, noAgent, slip, option, name] = await Promise.all([
      fogata('call', 'nobody', 'PING'),
      fogata('call', 'nobody@h9', 'PING'),
      fogata('--agent', '/nowhere/agent.sock', 'nodes'),
      fogata('nodse'),
      fogata('nodes', '--jsn'),
      fogata('--agent', '/nowhere/agent.sock', 'call', 'CRM', 'PING'),
    ]);
    expect(nobody).toMatchObject({ code: 1, stdout: '' });
    expect(nobody.stderr).toMatch(/^refused \(no-instance\): nobody serves nobody/);
    expect(elsewhere.stderr).toMatch(/^refused \(no-instance\): nobody serves nobody@h9/);
    expect(noAgent).toMatchObject({ code: 3, stdout: '' });
    expect(noAgent.stderr).toBe('fogata: no agent at /nowhere/agent.sock. Start one with: fogata up\n');
    expect(slip).toMatchObject({ code: 2, stderr: "fogata: unknown command 'nodse' (Did you mean nodes?)\n" });
    expect(option).toMatchObject({ code: 2, stderr: "fogata: unknown option '--jsn' (Did you mean --json?)\n" });
    expect(name).toMatchObject({
      code: 2,
      stderr: 'fogata: address: "CRM" has capital letters: names are lower-case\n',
    });
  });

  it('that a node is not there is an outcome, in each verb that names one', async () => {
    const nowhere = { code: 1, stdout: '', stderr: 'fogata: there is no node "h9"\n' };
    const verbs = [
      ['nodes', 'h9'],
      ['bench', '--node', 'h9'],
      ['services', 'crm', '--drain', 'h9'],
    ];
    const all = await Promise.all(verbs.map((args) => fogata(...args)));
    for (const [i, ended] of all.entries()) expect(ended, verbs[i]?.join(' ')).toMatchObject(nowhere);
  });

  it.concurrent.each([
    [1, ['nodes', 'h9'], { code: 'not-found', message: 'there is no node "h9"', retryable: false }],
    [1, ['services', 'nobody'], { code: 'no-instance', message: 'nobody serves nobody', retryable: true }],
    [1, ['push', 'package.json', 'nobody'], { code: 'no-instance' }],
    [2, ['nodse'], { code: 'invalid', message: "unknown command 'nodse' (Did you mean nodes?)" }],
    [2, ['key'], { code: 'invalid', message: 'a verb is missing: see --help' }],
    [2, ['up', '--http', '99999'], { code: 'config' }],
    [2, ['forward', '0', 'crm', '--bind', ''], { code: 'invalid' }],
    [2, ['bench', '--bytes', ''], { code: 'invalid' }],
    [2, ['services', 'crm', '--undrain', ''], { code: 'invalid' }],
    [3, ['--agent', '/nowhere/agent.sock', 'services', 'crm', '--drain', 'h1'], { code: 'no-agent' }],
  ])('says it in JSON where JSON is wanted, and nothing else: %i %j', async (code, args, error) => {
    const ended = await fogata(...args, '--json');
    expect(ended).toMatchObject({ code, stdout: '' });
    expect(ended.stderr).toMatch(/^\{[^\n]+\}\n$/);
    const cure = expect.stringMatching(/./) as string;
    expect(JSON.parse(ended.stderr)).toEqual({ error: expect.objectContaining({ ...error, cure }) as object });
  });

  it('ends after so many messages, and refuses one more', async () => {
    const listening = runFogata(['listen', 'once', '--exec', 'sleep 0.2; echo done', '--count', '1'], agent.env);
    await serviceUp('once');
    const both = await Promise.all([fogata('call', 'once', 'A'), fogata('call', 'once', 'B')]);
    expect(both.filter(({ code }) => code === 0)).toHaveLength(1);
    expect(both.find(({ code }) => code === 1)?.stderr).toMatch(/^refused \((?:draining|no-instance)\)/);
    expect((await listening.ended).code).toBe(0);
  });

  it('leaves no command of --exec behind, also when it is ended twice', async () => {
    const listening = runFogata(['listen', 'work', '--exec', 'sleep 60'], agent.env);
    await serviceUp('work');
    const call = fogata('call', 'work', 'A');
    const working = async () => {
      const { stdout } = await run('ps', ['-eo', 'args', 'e'], {}).ended;
      return stdout.split('\n').some((line) => line.startsWith('sleep 60') && line.includes('FOGATA_SERVICE=work'));
    };
    while (!(await working()));
    await serviceLeaves('work', () => listening.process.kill('SIGINT'));
    listening.process.kill('SIGINT');
    expect((await listening.ended).code).toBe(130);
    expect((await call).stderr).toMatch(/^unknown \(link-lost\)/);
    while (await working());
  });

  it('says in one line that its answer cannot be written', async () => {
    const into = (stream: string, verb: string) =>
      run('sh', ['-c', `exec node --import tsx src/cli/main.ts ${verb} ${stream}`], agent.env).ended;
    expect(await into('>/dev/full', 'nodes')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^fogata: the answer cannot be written: ENOSPC[^\n]*\n$/) as string,
    });
    expect((await into('2>/dev/full', 'call nobody PING')).code).toBe(1);
    expect((await into('>&-', 'nodes')).code).toBe(0);
  });

  it('gives help as a verb, too', async () => {
    const { code, stdout } = await fogata('help', 'listen');
    expect({ code, isHelp: stdout.startsWith('Usage: fogata listen') }).toEqual({ code: 0, isHelp: true });
    expect(stdout).not.toContain('default: [');
  });

  it('completes verbs, options and services', async () => {
    expect((await fogata('completion', 'bash')).stdout).toContain('# bash completion for fogata');
    expect((await fogata('complete', '--', 'no')).stdout).toMatch(/^nodes\t/);
    expect((await fogata('complete', '--', 'call', '--bo')).stdout).toMatch(/^--body\t/);
    expect((await fogata('complete', '--', 'key', 'ro')).stdout).toMatch(/^rotate\t/);
  });
});
