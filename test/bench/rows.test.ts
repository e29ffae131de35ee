import { describe, expect, it } from 'vitest';
import type { Run } from '../../bench/harness/measure.ts';
import { rowOf, withRatios } from '../../bench/harness/row.ts';
import { settingsOf } from '../../bench/harness/settings.ts';
import { quickShapeNames, shapeNames, shapeOf } from '../../bench/harness/shape.ts';
import { markdownOf, tableOf } from '../../bench/harness/table.ts';

const run = (rate: number, p50us?: number): Run => ({ rate, p50us, p99us: p50us, cpuUsPerMessage: 1e6 / rate });

describe('the rows of a bench', () => {
  const rows = withRatios([
    rowOf('call:128:1', 'tcp', [run(90, 10), run(100, 11), run(1_000, 12)]),
    rowOf('call:128:1', 'fogata-embedded', [run(80, 13), run(70, 14), run(75, 15)]),
    rowOf('send:128', 'nats', [run(5)]),
  ]);

  it('are medians, beside the raw TCP of their own shape', () => {
    expect(rows.map(({ rate, p50us, ratioToTcp }) => [rate, p50us, ratioToTcp])).toEqual([
      [100, 11, 1],
      [75, 14, 0.75],
      [5, null, null],
    ]);
  });

  it('are a table, and Markdown', () => {
    expect(tableOf(rows.slice(0, 2)).split('\n')).toHaveLength(3);
    expect(markdownOf(rows)).toContain('| `call:128:1` | rate | × tcp |');
    expect(markdownOf(rows)).toContain('| fogata-embedded | 75 | 0.75 | 14 | 14 |');
  });
});

describe('what is asked of a bench', () => {
  it('is shapes by their names', () => {
    expect(shapeOf('call:128:64x4')).toMatchObject({ verb: 'call', bodyBytes: 128, depth: 64, clients: 4 });
    expect(shapeOf('call:128:1')).toMatchObject({ pinned: true, clients: 1 });
    expect(shapeOf('publish:128:10')).toMatchObject({ verb: 'publish', subscribers: 10 });
    expect([...shapeNames, ...quickShapeNames].map((name) => shapeOf(name).name)).toContain('bulk');
    for (const wrong of ['call', 'call:128', 'walk:1', 'call:128:0']) expect(() => shapeOf(wrong)).toThrow('no shape');
  });

  it('is all, or what `--only` names; raw TCP always', () => {
    const names = ['tcp', 'chain', 'nats', 'cote'];
    expect(settingsOf([], names).systems).toEqual(names);
    expect(settingsOf(['--lacking', 'cote'], names).systems).toEqual(['tcp', 'chain', 'nats']);
    const some = settingsOf(['--only', 'send:128,nats', '--rounds', '9'], names);
    expect(some).toMatchObject({ systems: ['tcp', 'nats'], pace: { rounds: 9 } });
    expect(some.shapes.map(({ name }) => name)).toEqual(['send:128']);
    expect(settingsOf(['--only', 'call'], names).shapes.every(({ verb }) => verb === 'call')).toBe(true);
    expect(() => settingsOf(['--rounds', '0'], names)).toThrow('--rounds');
  });
});
