import { expect, it } from 'vitest';
import { runScript } from './fogata-process.ts';

it('an interrupted series of simulations sums up the seeds so far', async () => {
  const args = ['--seeds', '100000', '--nodes', '2', '--minutes', '0.02', '--workers', '2'];
  const series = runScript('src/testing/simulate.ts', args);
  await series.line('25 of 100000 seeds after');
  series.process.kill('SIGINT');
  const { code, stdout } = await series.ended;
  expect(stdout).toMatch(/^(\d+) of 100000 seeds of 2 nodes passed, \d+ were not run, failed: none$/m);
  expect(code).toBe(130);
});
