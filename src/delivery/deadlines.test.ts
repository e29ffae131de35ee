import { describe, expect, it } from 'vitest';
import { createWorld } from '../testing/world.ts';
import { createDeadlines } from './deadlines.ts';

function bed() {
  const world = createWorld();
  const { clock } = world.host('h').start().runtime;
  const due: [number, number][] = [];
  const ended = new Set<number>();
  let asked = 0;
  const deadlines = createDeadlines(clock, {
    isPending(key) {
      asked += 1;
      return !ended.has(key);
    },
    due: (key) => void due.push([key, world.nowMs]),
  });
  return { world, due, ended, deadlines, asked: () => asked };
}

describe('deadlines', () => {
  it('are due once, not before their time and at most one bucket after it', async () => {
    const { world, due, deadlines } = bed();
    for (const at of [0, 5, 8, 9, 100, 100, 1_000]) deadlines.add(at, at);
    await world.runFor(5_000);
    expect(due.map(([key]) => key)).toEqual([0, 5, 8, 9, 100, 100, 1_000]);
    for (const [key, at] of due) expect(at - key).toBeLessThanOrEqual(8.001);
    for (const [key, at] of due) expect(at).toBeGreaterThanOrEqual(key);
  });

  it('a nearer one that comes later is still in time', async () => {
    const { world, due, deadlines } = bed();
    deadlines.add(1, 10_000);
    await world.runFor(50);
    deadlines.add(2, 60);
    await world.runFor(20);
    expect(due.map(([key]) => key)).toEqual([2]);
    await world.runFor(10_000);
    expect(due.map(([key]) => key)).toEqual([2, 1]);
  });

  it('forget what has ended, however far away it was, at a cost of about two looks for each', {
    timeout: 30_000,
  }, async () => {
    const { world, due, ended, deadlines, asked } = bed();
    const count = 2_000_000;
    for (let key = 0; key < count; key++) {
      deadlines.add(key, 86_400_000);
      if (key > 1_000) ended.add(key - 1_000);
    }
    expect(asked()).toBeLessThan(3 * count);
    await world.runFor(86_400_100);
    // All that is left are those that had not ended, and those that were not looked at since.
    expect(due.length).toBeLessThan(600_000);
    expect(due.length).toBeGreaterThan(1_000);
  });

  it('Infinity is none, and after stop there is none at all', async () => {
    const { world, due, deadlines } = bed();
    deadlines.add(1, Number.POSITIVE_INFINITY);
    deadlines.add(2, 100);
    deadlines.stop();
    deadlines.add(3, 100);
    await world.runFor(1_000);
    expect(due).toEqual([]);
  });
});
