import { describe, expect, it } from 'vitest';
import { noPaint } from '../paint.ts';
import { callStatistics } from './call-statistics.ts';
import { type DemoState, demoLine, demoView, type HostState } from './demo-view.ts';
import { summaryJson, summaryLines } from './summary.ts';

const host = (name: string, program: string, given: Partial<HostState> = {}): HostState => ({
  name,
  program,
  agent: 'alive',
  instance: 'up',
  agentRuns: true,
  programRuns: true,
  perSecond: 20,
  ...given,
});

const state: DemoState = {
  elapsedMs: 65_000,
  url: 'http://crm.localhost:40000/leads',
  act: 3,
  title: 'kill -9: the CRM on crm1 dies, in mid-stream',
  story: ['x'.repeat(73), 'y'.repeat(73)],
  hosts: [
    host('erp', 'ERP', { instance: 'none', perSecond: 0 }),
    host('billing', 'Billing'),
    host('crm1', 'CRM', { agent: 'suspect', agentRuns: false, programRuns: false, perSecond: 0 }),
    host('crm2', 'CRM'),
  ],
  askedPerSecond: 40,
  calls: 12_345,
  failed: 0,
  lost: 0,
  worstMs: 61,
  medianMs: 2.4,
  worsts: Array.from({ length: 40 }, (_, i) => i),
};

describe('the view of the demo', () => {
  it('fits a terminal of 80 by 22', () => {
    const lines = demoView(state, noPaint);
    expect(Math.max(...lines.map((line) => Array.from(line).length))).toBeLessThanOrEqual(80);
    expect(lines.length).toBeLessThan(22);
  });

  it('shows what is killed, and what the others make of it', () => {
    const lines = demoView(state, noPaint);
    expect(lines).toContain('  crm1      ○ killed, suspect   ○ CRM killed           0');
    expect(lines).toContain('  crm2      ● alive             ● CRM                 20  █████████');
    expect(lines.join('\n')).toContain('12,345 calls to http://crm.localhost:40000/leads   0 failed   0 lost');
  });

  it('has as many lines before the first call as after it', () => {
    expect(demoView({ ...state, calls: 0 }, noPaint)).toHaveLength(demoView(state, noPaint).length);
  });

  it('is one line elsewhere', () => {
    expect(demoLine(state)).toBe('01:05  crm1 0/s  crm2 20/s  12,345 calls, 0 failed, 0 lost, worst 61 ms');
  });
});

describe('the figures of the demo', () => {
  const result = { service: 'crm', outcome: 'answered', by: 'crm1', ms: 4 } as const;

  it('count every call once, and tell failed from lost', () => {
    const statistics = callStatistics();
    const lost = { ...result, outcome: 'lost', by: '', ms: 5_000 } as const;
    const results = [result, { ...result, by: 'crm2', ms: 9 }, { ...result, outcome: 'failed', by: '' }, lost] as const;
    statistics.add({ results, open: 0, isLast: false }, 0);
    statistics.add({ results: [{ ...result, service: 'billing', by: 'billing' }], open: 0, isLast: true }, 600);
    expect(summaryJson(statistics, [{ what: 'program', name: 'crm1', noticedMs: 12.345 }], 900)).toEqual({
      calls: 4,
      failed: 1,
      lost: 1,
      killed: 'crm1',
      answeredBy: { crm1: 1, crm2: 1 },
      worstMs: 5_000,
      medianMs: 9,
      noticedMs: 12.345,
      startMs: 900,
      billing: { calls: 1, failed: 0, lost: 0 },
    });
    expect(summaryLines(statistics, [], noPaint)[1]).toMatch(/4 calls, 1 failed, 1 lost/);
  });

  it('know the last whole second', () => {
    const statistics = callStatistics();
    for (let now = 0; now < 2_000; now += 100) statistics.add({ results: [result], open: 0, isLast: false }, now);
    expect(statistics.perSecond('crm1')).toBe(10);
    statistics.advance(60_000);
    expect(statistics.perSecond('crm1')).toBe(0);
    expect(statistics.worsts.length).toBeLessThanOrEqual(40);
  });
});
