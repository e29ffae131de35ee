import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Agent, startAgent } from './lab/agent.ts';
import { type Lab, openLab } from './lab/lab.ts';
import { seesAll, stateAt } from './lab/members.ts';
import { tell } from './lab/tell.ts';
import { until } from './lab/until.ts';

describe('an agent that is told to end', () => {
  let lab: Lab;
  let agents: readonly Agent[];
  beforeEach(async () => {
    lab = openLab();
    agents = await Promise.all(['a', 'b', 'c'].map((name) => startAgent(lab, lab.addHost(), { name })));
    await Promise.all(agents.map((agent) => seesAll(agent, ['a', 'b', 'c'])));
  });
  afterEach(() => lab.close());

  it('[M7] says goodbye: the others drop it within 500 ms, and it exits with 0 within 2 s', async () => {
    const [gone, ...others] = agents as [Agent, Agent, Agent];
    const toldAt = performance.now();
    gone.process.signal('SIGTERM');
    const dropped = others.map((agent) =>
      until(`${agent.name} drops it`, 5_000, async () => {
        return (await stateAt(agent, 'a')) === 'left' ? performance.now() - toldAt : undefined;
      }),
    );
    const times = await Promise.all(dropped);
    const exit = await gone.process.exited;
    const exitedMs = performance.now() - toldAt;
    tell(`goodbye known after ${times.map(Math.round).join(' and ')} ms; ended after ${Math.round(exitedMs)} ms`);
    expect(exit).toEqual({ code: 0, signal: null });
    expect(Math.max(...times)).toBeLessThan(500);
    expect(exitedMs).toBeLessThan(2_000);
  });

  it('ends at once at the second signal', async () => {
    const [gone] = agents as [Agent];
    // Work in hand that would keep it: a request that nobody answers.
    gone.process.signal('SIGTERM');
    gone.process.signal('SIGINT');
    const exit = await gone.process.exited;
    expect([0, 130, 143]).toContain(exit.code);
  });
});
