import { expect, it } from 'vitest';
import { run, runFogata } from './fogata-process.ts';

const isRunning = (name: string, listing: string) => listing.split('\n').some((line) => line.includes(name));

it('fogata demo: a CRM is killed in mid-stream, and no call fails or is lost', async () => {
  const demo = runFogata(['demo', '--once', '--json']);
  const { code, stdout, stderr } = await demo.ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const figures = JSON.parse(stdout) as {
    calls: number;
    killed: 'crm1' | 'crm2';
    answeredBy: Record<string, number>;
    worstMs: number;
  };
  expect(figures).toMatchObject({ failed: 0, lost: 0, billing: { failed: 0, lost: 0 } });
  expect(figures.calls).toBeGreaterThan(100);
  expect(Object.values(figures.answeredBy).reduce((sum, count) => sum + count, 0)).toBe(figures.calls);
  expect(figures.answeredBy[figures.killed]).toBeGreaterThan(0);
  expect(figures.worstMs).toBeLessThan(5_000);
  // What it started had its number in the name of its cluster.
  const { stdout: listing } = await run('ps', ['-eo', 'args'], {}).ended;
  expect(isRunning(`demo-${demo.process.pid}`, listing)).toBe(false);
});

it('fogata demo: says why when a host of its own does not come up, and ends', async () => {
  const demo = runFogata(['demo', '--once', '--json']);
  const cluster = `demo-${demo.process.pid}`;
  let agent: string | undefined;
  while (agent === undefined) {
    const { stdout } = await run('ps', ['-eo', 'pid,args'], {}).ended;
    agent = stdout.split('\n').find((line) => line.includes(`--name billing --cluster ${cluster}`));
  }
  process.kill(Number.parseInt(agent, 10), 'SIGKILL');
  const { code, stdout, stderr } = await demo.ended;
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'failed' } });
  const { stdout: listing } = await run('ps', ['-eo', 'args'], {}).ended;
  expect(isRunning(cluster, listing)).toBe(false);
});
