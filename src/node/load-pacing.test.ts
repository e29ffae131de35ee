import { describe, expect, it } from 'vitest';
import type { NodeId } from '../protocol/ids.ts';
import { loadRepeatMs } from '../protocol/load.ts';
import type { LoadReport } from '../protocol/load-report.ts';
import { isLoadDue } from './load-pacing.ts';

const report = (hostLoad: number | undefined, crm?: number): LoadReport => ({
  ...{ id: '00000000000000aa' as NodeId, incarnation: 1, sequence: 1, hostLoad },
  services: [{ name: 'crm', load: crm, inFlight: 0 }],
});

describe('[R7] when a load is told', () => {
  it.each<[string, LoadReport, LoadReport | undefined, number, number, boolean]>([
    ['the first time', report(0.5), undefined, Number.POSITIVE_INFINITY, 0, true],
    ['not while it is as it was', report(0.54), report(0.5), 9_999, 0, false],
    ['again after 10 s', report(0.5), report(0.5), loadRepeatMs, 2_000, true],
    ['when it changed by 0.05', report(0.55), report(0.5), 200, 0, true],
    ['not within 200 ms, however much it changed', report(1), report(0), 199, 0, false],
    ['also that of a service', report(0.5, 0.2), report(0.5, 0.3), 200, 0, true],
    ['what was not known is a leap', report(0.5, 0), report(0.5), 200, 2_000, true],
    ['small changes wait in a large cluster', report(0.6), report(0.5), 799, 100, false],
    ['as long as it is larger', report(0.6), report(0.5), 800, 100, true],
    ['leaps do not', report(0.8), report(0.5), 200, 2_000, true],
    ['25 others are not large', report(0.6), report(0.5), 200, 25, true],
  ])('%s', (_what, next, told, sinceMs, others, expected) => {
    expect(isLoadDue(next, told, sinceMs, others)).toBe(expected);
  });

  it('a load that wavers around a value is told once', () => {
    let told = report(0.5);
    let count = 0;
    for (let i = 1; i <= 39; i++) {
      const next = report(0.5 + 0.04 * Math.sin(i));
      if (!isLoadDue(next, told, i * 250, 0)) continue;
      told = next;
      count += 1;
    }
    expect(count).toBe(0);
  });
});
