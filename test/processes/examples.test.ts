import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgentUnderTest, run, runScript, startAgent } from './fogata-process.ts';

let agent: AgentUnderTest;

beforeAll(async () => {
  agent = await startAgent('h1');
});
afterAll(() => agent.stop());

describe('the examples', () => {
  it('are short', () => {
    const folder = new URL('../../examples/', import.meta.url);
    for (const name of readdirSync(folder)) {
      const { length } = readFileSync(new URL(name, folder), 'utf8').trimEnd().split('\n');
      expect(length, name).toBeLessThanOrEqual(60);
    }
  });

  it('hello-join: two nodes find each other and talk', async () => {
    const { code, stdout } = await runScript('examples/hello-join.ts', []).ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'Hello Ada on guest, I am greeter.' });
  });

  it('serve-and-call: two programs beside an agent', async () => {
    const { code, stdout } = await runScript('examples/serve-and-call.ts', [], agent.env).ended;
    expect(stdout).toBe('1 + 2 + 39 = 42\nrefused (invalid): numbers are digits, split by commas');
    expect(code).toBe(0);
  });

  it('streams: both ways, as long as both like, at the pace of the slower', async () => {
    const { code, stdout, stderr } = await runScript('examples/streams.ts', [], agent.env).ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n')).toEqual([
      'streams of packer are taken',
      '3 words so far',
      '5 words so far',
      '5 in all',
      '30000 bytes became few, gzip by h1',
      'refused (invalid): the level is 0 to 9',
    ]);
  });

  it('watch-members: a snapshot, then changes', async () => {
    const { code, stdout } = await runScript('examples/watch-members.ts', ['2'], agent.env).ended;
    expect(stdout).toMatch(/^\+ h1 at 127\.0\.0\.1:\d+, found by itself\n= that is all of test-\d+ for now$/);
    expect(code).toBe(0);
  });

  it('group: members see each other come and go', async () => {
    const cluster = `group-${process.pid}`;
    const ada = runScript('examples/group.ts', ['ada', cluster]);
    await ada.line('ada: ada is here');
    const grace = runScript('examples/group.ts', ['grace', cluster]);
    await ada.line('grace is here');
    await grace.line('ada says hello grace');
    const left = ada.line('grace has left');
    grace.process.kill('SIGINT');
    await left;
    ada.process.kill('SIGINT');
    expect((await ada.ended).code).toBe(0);
    expect((await grace.ended).code).toBe(0);
  });

  it('curl: any language with an HTTP client', async () => {
    const { code, stdout } = await run('sh', ['examples/curl.sh'], { AGENT: agent.http }).ended;
    expect(stdout.split('\n').at(-1)).toBe('in ten minutes');
    expect(code).toBe(0);
  });
});
