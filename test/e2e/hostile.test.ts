import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { showReport, startLoad } from './lab/load.ts';
import { seesAll } from './lab/members.ts';
import { memoryPeakOf } from './lab/memory.ts';
import { type Office, openOffice } from './lab/office.ts';
import { tell } from './lab/tell.ts';

const blast = fileURLToPath(new URL('programs/blast.mjs', import.meta.url));
const datagrams = 950_000;
const frames = 50_000;
const callsPerSecond = 50;
/** Datagrams are read into buffers of 64 KiB, of which V8 lets 64 MiB pile up; the rest is what is kept of strangers. */
const growthMaxMib = 96;

describe('a million random datagrams and frames at a node and at the beacon port', () => {
  let office: Office;
  beforeAll(async () => {
    office = await openOffice();
  });
  afterAll(() => office.lab.close());

  it('no call fails, memory is bounded, and the status counts them', async () => {
    const victims = [office.erp.agent, office.crm1.agent];
    const stranger = office.lab.addHost();
    const load = await startLoad(office.erp.agent, 'http', 'crm', callsPerSecond);
    const before = victims.map((agent) => agent.memory());
    const attacks = victims.map((agent, i) => {
      const half = [datagrams / 2, frames / 2, i + 1].map(String);
      return stranger.start('node', [blast, agent.host.address, '10.77.0.255', ...half]);
    });
    const startedAt = performance.now();
    for (const attack of attacks) await attack.says(/^thrown/m, 100_000);
    const tookMs = performance.now() - startedAt;
    const report = await load.stop();
    const growth = victims.map((agent, i) => memoryPeakOf(agent.process.pid) - (before[i] ?? 0));
    const { discovery, counters } = await office.erp.agent.status();
    tell(`blast of ${Math.round(tookMs / 1_000)} s: ${showReport(report)}`);
    tell(`memory grew by ${growth.map(Math.round).join(' and ')} MiB; ignored: ${JSON.stringify(discovery.ignored)}`);
    tell(`counters: ${JSON.stringify(counters)}`);
    expect(report.faults).toEqual([]);
    expect(report.failed).toBe(0);
    for (const mebibytes of growth) expect(mebibytes).toBeLessThan(growthMaxMib);
    const ignored = Object.values(discovery.ignored).reduce((sum, count) => sum + count, 0);
    expect(ignored).toBeGreaterThan(1_000);
    await seesAll(office.erp.agent, ['billing', 'crm1', 'crm2', 'erp']);
    await office.whole();
  });
});
