import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NodeId } from '../protocol/ids.ts';
import type { LoadReport } from '../protocol/load-report.ts';
import { createLoadTable } from './load-table.ts';

const id = '00000000000000aa' as NodeId;

const report = (incarnation: number, sequence: number, load: number | undefined, hostLoad = 0.9): LoadReport => ({
  id,
  incarnation,
  sequence,
  hostLoad,
  services: [{ name: 'crm', load, inFlight: 3 }],
});

describe('the load table', () => {
  it('keeps the newest by (incarnation, sequence), in whatever order they come', () => {
    const reports = fc.record({
      incarnation: fc.integer({ min: 1, max: 3 }),
      sequence: fc.integer({ min: 1, max: 5 }),
    });
    fc.assert(
      fc.property(fc.array(reports, { minLength: 1, maxLength: 10 }), (said) => {
        const table = createLoadTable();
        for (const { incarnation, sequence } of said) table.merge(report(incarnation, sequence, 0.1), 0);
        const newest = said.reduce((a, b) =>
          b.incarnation * 10 + b.sequence > a.incarnation * 10 + a.sequence ? b : a,
        );
        expect(table.report(id)).toMatchObject(newest);
      }),
    );
  });

  it('tells the age, and the host’s load where the service’s is not known', () => {
    const table = createLoadTable();
    expect(table.get(id, 'crm', 0)).toBeUndefined();
    table.merge(report(1, 1, 0.25), 100);
    expect(table.get(id, 'crm', 350)).toEqual({ load: 0.25, ageMs: 250, inFlight: 3 });
    expect(table.get(id, 'erp', 350)).toEqual({ load: 0.9, ageMs: 250, inFlight: undefined });
    table.merge(report(1, 2, undefined), 400);
    expect(table.get(id, 'crm', 400)).toEqual({ load: 0.9, ageMs: 0, inFlight: 3 });
  });

  it('believes the freshest word, report or reply', () => {
    const table = createLoadTable();
    table.note(id, 'crm', 0.5, 10);
    expect(table.get(id, 'crm', 20)).toEqual({ load: 0.5, ageMs: 10, inFlight: undefined });
    table.merge(report(1, 1, 0.25), 100);
    expect(table.get(id, 'crm', 100)).toEqual({ load: 0.25, ageMs: 0, inFlight: 3 });
    table.note(id, 'crm', 0.75, 150);
    expect(table.get(id, 'crm', 200)).toEqual({ load: 0.75, ageMs: 50, inFlight: 3 });
    table.note(id, 'crm', undefined, 160);
    expect(table.get(id, 'crm', 200)?.load).toBe(0.25);
    table.forget(id);
    expect(table.get(id, 'crm', 200)).toBeUndefined();
  });

  it('tells of each report that was taken, once', () => {
    const table = createLoadTable();
    const told: number[] = [];
    table.onReport = (_id, now) => told.push(now);
    table.merge(report(1, 1, 0.25), 100);
    table.merge(report(1, 1, 0.25), 200);
    table.merge(report(1, 2, 0.25), 300);
    expect(told).toEqual([100, 300]);
  });

  it('keeps a bounded number of words in passing', () => {
    const table = createLoadTable();
    for (let i = 0; i < 10_000; i++) table.note(id, `service-${i}`, 0.5, i);
    const kept = Array.from({ length: 10_000 }, (_, i) => table.get(id, `service-${i}`, 0)).filter((it) => it?.load);
    expect(kept.length).toBeLessThanOrEqual(256);
  });
});
