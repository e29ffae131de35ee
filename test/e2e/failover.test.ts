import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LoadReport, showReport, startLoad } from './lab/load.ts';
import { type Office, openOffice } from './lab/office.ts';
import { tell } from './lab/tell.ts';

const callsPerSecond = 200;
/** Of every act: warming up, and calm; then long enough for a cut, or for an end, to be noticed and got over. */
const warmingMs = 1_000;
const beforeMs = 500;
const cutMs = 3_500;
const endMs = 1_500;

describe.each(['http', 'messages'] as const)('200 idempotent calls a second to crm by %s', (way) => {
  let office: Office;
  beforeAll(async () => {
    office = await openOffice();
  });
  afterAll(() => office.lab.close());

  /** The fault hits whichever CRM does more of the work at that moment. */
  async function act(
    name: string,
    afterMs: number,
    fault: (victim: 'crm1' | 'crm2') => Promise<void> | void,
  ): Promise<LoadReport> {
    const { crm1, crm2 } = office;
    const others = [crm1, crm2].flatMap(({ agent, program }) => [agent.process, program]);
    const load = await startLoad(office.erp.agent, way, 'crm', callsPerSecond, others);
    await pause(warmingMs);
    const before = { crm1: served('crm1'), crm2: served('crm2') };
    load.warm();
    await pause(beforeMs);
    const victim = served('crm1') - before.crm1 > served('crm2') - before.crm2 ? 'crm1' : 'crm2';
    await fault(victim);
    await pause(afterMs);
    const report = await load.stop();
    tell(`${way}, ${name} (${victim}): ${showReport(report)}${report.faults.map((text) => `\n  ${text}`).join('')}`);
    expect(Object.keys(report.by).sort()).toEqual(['crm1', 'crm2']);
    return report;
  }

  function served(name: 'crm1' | 'crm2'): number {
    const counts = JSON.parse(office[name].host.run('curl', ['-s', 'http://127.0.0.1:8080/counts'])) as CountsOfProgram;
    return counts.requests;
  }

  it('an agent is killed: no call fails, none takes 300 ms', async () => {
    let restart = (): Promise<void> => Promise.resolve();
    const report = await act('agent killed', endMs, async (victim) => {
      restart = () => office.startAgent(office[victim], victim);
      await office[victim].agent.kill();
    });
    await restart();
    await office.whole();
    expect(report).toMatchObject({ failed: 0 });
    expect(report.worstOwnMs).toBeLessThan(300);
  });

  it('a program is killed: no call fails, none takes 300 ms', async () => {
    let restart = (): Promise<void> => Promise.resolve();
    const report = await act('program killed', endMs, async (victim) => {
      restart = () => office.startProgram(office[victim], victim);
      await office[victim].program.kill();
    });
    await restart();
    await office.whole();
    expect(report).toMatchObject({ failed: 0 });
    expect(report.worstOwnMs).toBeLessThan(300);
  });

  it('a link is cut: no call fails, none takes 3 s', async () => {
    const report = await act('link cut', cutMs, (victim) => office[victim].host.cable.cut());
    expect(report).toMatchObject({ failed: 0 });
    expect(report.worstOwnMs).toBeLessThan(3_000);
  });
});

interface CountsOfProgram {
  readonly requests: number;
}
