import { describe, expect, it } from 'vitest';
import { paintFor } from '../paint.ts';
import { type HopPlace, hopOf } from './hop.ts';
import { hopsText } from './hops-text.ts';

const plain = paintFor({ isTTY: false }, {}, false);
const run = (ms: number, count = 10, failed = 0) => ({
  count,
  failed,
  elapsedMs: 500,
  latenciesMs: Array.from({ length: count - failed }, () => ms),
});
const hop = (place: HopPlace, ms: number, failed = 0) => hopOf(place, 16, run(ms), run(ms, 1_000, failed));

const own = hop({ hop: 'program-agent', node: 'hq', service: null }, 0.05);
const between = hop({ hop: 'agent-agent', node: 'db1', service: null }, 0.2);
const whole = hop({ hop: 'program-service', node: 'db1', service: 'crm' }, 1.25, 4);

describe('what `fogata bench` shows', () => {
  it('has times of one at a time, the rate of many, and what failed', () => {
    expect(whole).toMatchObject({ p50Ms: 1.25, p99Ms: 1.25, perSecond: 1_992, depth: 16, failed: 4 });
    expect(hopsText([own, between, whole], plain)[3]).toMatch(
      /^all the way +crm@db1 +1\.250 ms +1\.250 ms +1\.250 ms +1,992 +4$/,
    );
  });

  it('says what of the whole way is the program', () => {
    expect(hopsText([own, between, whole], plain).at(-1)).toMatch(/^crm@db1: of its P50, 1\.000 ms are between/);
  });

  it('says nothing of a part that was not measured, or brought nothing', () => {
    const nothing = hopOf({ hop: 'agent-agent', node: 'db1', service: null }, 16, run(1, 0), run(1, 3, 3));
    expect(nothing).toMatchObject({ p50Ms: null, perSecond: 0, failed: 3 });
    expect(hopsText([own, nothing, whole], plain)).toHaveLength(4);
    expect(hopsText([whole], plain)).toHaveLength(2);
    expect(hopsText([], plain)).toHaveLength(1);
  });
});
