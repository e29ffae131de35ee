import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Agent, startAgent } from './lab/agent.ts';
import { type Host, type Lab, openLab } from './lab/lab.ts';
import { seesAll, stateAt } from './lab/members.ts';
import { startProgram } from './lab/program.ts';
import { tell } from './lab/tell.ts';
import { until } from './lab/until.ts';

const serve = ['slow=http://127.0.0.1:8080'];

describe('an agent that is told to end', () => {
  let lab: Lab;
  let agents: readonly Agent[];
  beforeEach(async () => {
    lab = openLab();
    const hosts = ['a', 'b', 'c'].map(() => lab.addHost());
    await startProgram(hosts[0] as Host, 'slow');
    agents = await Promise.all(
      ['a', 'b', 'c'].map((name, i) => startAgent(lab, hosts[i] as Host, { name, serve: i === 0 ? serve : [] })),
    );
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

  it('ends at once at the second signal, whatever is under way', async () => {
    const [gone] = agents as [Agent];
    const client = gone.host.start('curl', ['-sS', '--no-buffer', 'http://127.0.0.1:7471/to/slow/endless']);
    await client.says(/begun/);
    gone.process.signal('SIGTERM');
    await until('the others know', 2_000, async () =>
      (await stateAt(agents[1] as Agent, 'a')) === 'alive' ? undefined : true,
    );
    expect(gone.process.exit).toBeUndefined();
    const toldAt = performance.now();
    gone.process.signal('SIGINT');
    expect(await gone.process.exited).toEqual({ code: 130, signal: null });
    expect(performance.now() - toldAt).toBeLessThan(500);
  });
});
