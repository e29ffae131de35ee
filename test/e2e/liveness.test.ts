import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { playAll, type Times } from '../../bench/liveness/acts.ts';
import { fogata } from '../../bench/liveness/contender.ts';
import { type Field, openField } from '../../bench/liveness/field.ts';
import { tell } from './lab/tell.ts';

/** What bench/liveness.bench.ts plays with many hosts and beside serf, once with four; bounds for a machine that is busy. */
describe('four nodes on a bridge', () => {
  let field: Field;
  let times: Times;
  beforeAll(async () => {
    field = openField(fogata, 4, tell);
    for (const player of field.players) field.start(player);
    expect(await field.until(() => field.whole(), 30_000)).toBeLessThan(30_000);
    times = await playAll(fogata, field, 1, tell);
  });
  afterAll(() => field.close());

  it.each([
    ['kill -9', 500],
    ['host cut off', 3_500],
    ['healed, all see all', 3_000],
    ['link down', 3_500],
    ['SIGSTOP, gets less work', 2_000],
    ['called dead after 9 s of SIGSTOP', 0],
    ['others accused', 0],
    ['left', 500],
  ])('%s: at most %i', (what, most) => {
    expect(times[what]).toHaveLength(1);
    expect(times[what]?.[0]).toBeLessThanOrEqual(most);
  });
});
