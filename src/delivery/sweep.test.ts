import { describe, expect, it } from 'vitest';
import { createWorld } from '../testing/world.ts';
import { createSweep } from './sweep.ts';

function bed() {
  const world = createWorld();
  const { clock } = world.host('h').start().runtime;
  const due: [number, number][] = [];
  let pending: number[] = [];
  let looks = 0;
  const sweep = createSweep(clock, (now) => {
    looks += 1;
    for (const at of pending) if (at <= now) due.push([at, world.nowMs]);
    pending = pending.filter((at) => at > now);
    return Math.min(...pending);
  });
  const add = (at: number) => {
    pending.push(at);
    sweep.by(at);
  };
  return {
    world,
    due,
    sweep,
    add,
    end: (at: number) => (pending = pending.filter((other) => other !== at)),
    looks: () => looks,
  };
}

describe('a sweep', () => {
  it('looks when something is due, not before and at most 8 ms after it', async () => {
    const { world, due, add } = bed();
    for (const at of [1_000, 100, 100, 9, 8, 5, 0]) add(at);
    await world.runFor(5_000);
    expect(due.map(([at]) => at).sort((a, b) => a - b)).toEqual([0, 5, 8, 9, 100, 100, 1_000]);
    for (const [at, lookedAt] of due) expect(lookedAt - at).toBeLessThanOrEqual(8.001);
    for (const [at, lookedAt] of due) expect(lookedAt).toBeGreaterThanOrEqual(at);
  });

  it('a nearer one that comes later is still in time', async () => {
    const { world, due, add } = bed();
    add(10_000);
    await world.runFor(50);
    add(60);
    await world.runFor(20);
    expect(due.map(([at]) => at)).toEqual([60]);
    await world.runFor(10_000);
    expect(due.map(([at]) => at)).toEqual([60, 10_000]);
  });

  it('looks once for many that have ended before they were due', async () => {
    const { world, add, end, looks } = bed();
    for (let i = 0; i < 1_000; i++) {
      add(10_000 + i);
      end(10_000 + i);
      await world.runFor(1);
    }
    await world.runFor(20_000);
    expect(looks()).toBe(1);
  });

  it('Infinity is none, and after stop there is none at all', async () => {
    const { world, due, add, sweep } = bed();
    add(Number.POSITIVE_INFINITY);
    add(100);
    sweep.stop();
    add(50);
    await world.runFor(1_000);
    expect(due).toEqual([]);
  });
});
