import { describe, expect, it } from 'vitest';
import type { NodeId } from '../protocol/ids.ts';
import type { LoadReport } from '../protocol/load-report.ts';
import { createLoadLeaps, leapEveryMs } from './load-leaps.ts';

const report = (hostLoad: number, id = 'aa'): LoadReport => {
  return { id: id.padStart(16, '0') as NodeId, incarnation: 1, sequence: 1, hostLoad, services: [] };
};
const [free, burnt] = [report(0.1), report(0.9)];

describe('[R7] a leap of load', () => {
  it('presses from 0.3 on, and from what was known only', () => {
    const leaps = createLoadLeaps();
    expect(leaps.presses(report(0.39), free, 0)).toBe(false);
    expect(leaps.presses(burnt, undefined, 0)).toBe(false);
    expect(leaps.presses(report(0.4), free, 0)).toBe(true);
  });

  it('presses three times at once and then each 3 s, each node by itself', () => {
    const leaps = createLoadLeaps();
    const swing = (nowMs: number) => leaps.presses(burnt, free, nowMs);
    expect([0, 0, 0, 0].map(swing)).toEqual([true, true, true, false]);
    expect([leapEveryMs - 1, leapEveryMs, leapEveryMs].map(swing)).toEqual([false, true, false]);
    expect(leaps.presses(report(0.9, 'bb'), report(0.1, 'bb'), 0)).toBe(true);
    leaps.forget(burnt.id);
    expect(swing(leapEveryMs)).toBe(true);
  });
});
