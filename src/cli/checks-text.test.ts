import { describe, expect, it } from 'vitest';
import type { ChecksView } from '../api/checks-view.ts';
import { checksText } from './checks-text.ts';
import { reportText } from './maintain.ts';
import { changeOf } from './maintenance-change.ts';
import { paintFor } from './paint.ts';

const paint = paintFor({ isTTY: false }, {}, false);
const at = (seconds: number) => new Date(seconds * 1_000).toISOString();

const view: ChecksView = {
  node: 'hq',
  programs: [
    {
      ...{ service: 'crm', by: 'config', state: 'down', since: at(40), note: 'http /health: 500 boom', heldMs: 10_000 },
      inFlight: 0,
      checks: [
        {
          ...{ name: 'http /health', way: 'http', state: 'critical', since: at(55), output: '500 boom\nstack' },
          ...{ lastRun: at(59), nextRun: at(63), runs: 7 },
        },
        {
          ...{ name: 'tcp', way: 'tcp', state: 'starting', since: at(10), output: '' },
          ...{ lastRun: null, nextRun: null, runs: 0 },
        },
      ],
    },
  ],
};

describe('fogata checks', () => {
  it('has a line for each program and each of its checks', () => {
    expect(checksText(view, 60_000, false, paint)).toEqual([
      'PROGRAM         STATE     SINCE  NEXT  SAYS',
      'crm (config)    down       20 s        comes and goes: must be well for 10 s; http /health: 500 boom',
      '  http /health  critical    5 s   3 s  500 boom stack',
      '  tcp           starting   50 s     –',
    ]);
  });

  it('of one service it says all', () => {
    expect(checksText(view, 60_000, true, paint).slice(4)).toEqual(['', 'http /health', '500 boom', 'stack']);
    expect(checksText({ node: 'hq', programs: [] }, 0, false, paint)).toEqual([
      'No program of this host serves anything.',
    ]);
  });
});

describe('maintenance', () => {
  it.each([
    [{}, undefined],
    [{ drain: 'db1' }, { node: 'db1', drained: true }],
    [{ undrain: 'db1' }, { node: 'db1', drained: false }],
    [{ weight: 'db1=20' }, { node: 'db1', weight: 20 }],
    [{ weight: 'db1=0' }, { node: 'db1', weight: 0 }],
    [{ weight: 'db1=own' }, { node: 'db1', weight: null }],
  ])('%j', (flags, change) => {
    expect(changeOf(flags)).toEqual(change);
  });

  it.each([{ weight: 'db1' }, { weight: 'db1=1001' }, { weight: '=5' }, { weight: 'db1=-1' }])(
    '%j is refused',
    (flags) => {
      expect(() => changeOf(flags)).toThrow(/expected NODE=0 to NODE=1000/);
    },
  );

  it('one thing at a time', () => {
    expect(() => changeOf({ drain: 'a', weight: 'a=5' })).toThrow(/one of/);
  });

  it('is told in one line', () => {
    const report = { service: 'crm', node: 'db1', state: 'draining', drained: true, weight: 100, inFlight: 0 } as const;
    expect(reportText(report)).toBe('crm on db1: drained, nothing in hand');
    expect(reportText({ ...report, inFlight: 2 })).toBe('crm on db1: drained, 2 in hand');
    expect(reportText({ ...report, state: 'up', drained: false })).toBe('crm on db1: up, weight 100');
    expect(reportText({ ...report, state: null, drained: false, weight: null })).toBe(
      'crm on db1: not served now, weight its own',
    );
  });
});
