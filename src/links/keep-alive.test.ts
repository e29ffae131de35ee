import { describe, expect, it } from 'vitest';
import { createWorld } from '../testing/world.ts';
import { createKeepAlive } from './keep-alive.ts';

function watched() {
  const world = createWorld();
  const process = world.host('h').start();
  const told = { pings: [] as number[], silent: [] as number[] };
  const { clock } = process.runtime;
  const keepAlive = createKeepAlive(
    clock,
    { intervalMs: 250, timeoutMs: 1_000 },
    { ping: () => told.pings.push(world.nowMs), silent: () => told.silent.push(world.nowMs) },
  );
  return { world, process, told, keepAlive };
}

describe('keep-alive', () => {
  it('[F5] of a link with work pings each interval of silence and gives up after the timeout, once', async () => {
    const { world, told, keepAlive } = watched();
    keepAlive.start();
    keepAlive.work();
    await world.runFor(5_000);
    expect(told.silent).toHaveLength(1);
    expect(told.silent[0]).toBeGreaterThanOrEqual(750);
    expect(told.silent[0]).toBeLessThanOrEqual(1_300);
    expect(told.pings.length).toBeGreaterThanOrEqual(3);
  });

  it('is content while anything is heard, whatever is sent', async () => {
    const { world, told, keepAlive } = watched();
    keepAlive.start();
    for (let i = 0; i < 50; i++) {
      keepAlive.work();
      keepAlive.heard(world.nowMs);
      await world.runFor(100);
    }
    expect(told.silent).toEqual([]);
  });

  it('judges nobody when it was itself frozen', async () => {
    const { world, process, told, keepAlive } = watched();
    keepAlive.start();
    keepAlive.work();
    await world.runFor(200);
    process.freeze();
    await world.runFor(60_000);
    process.thaw();
    await world.runFor(1);
    expect(told.silent).toEqual([]);
    keepAlive.heard(world.nowMs);
    await world.runFor(500);
    expect(told.silent).toEqual([]);
  });

  it('nor while reading is paused', async () => {
    const { world, told, keepAlive } = watched();
    keepAlive.start();
    keepAlive.work();
    keepAlive.suspend();
    await world.runFor(30_000);
    keepAlive.resume();
    await world.runFor(200);
    expect(told.silent).toEqual([]);
  });

  it('a doubt is asked at once, and decided within the timeout and an interval', async () => {
    const { world, told, keepAlive } = watched();
    keepAlive.start();
    await world.runFor(100);
    keepAlive.verify();
    expect(told.pings.length).toBeGreaterThanOrEqual(1);
    await world.runFor(1_250);
    expect(told.silent).toHaveLength(1);
  });

  it('is still after its end', async () => {
    const { world, told, keepAlive } = watched();
    keepAlive.start();
    keepAlive.stop();
    keepAlive.work();
    await world.runFor(60_000);
    expect([told.pings, told.silent]).toEqual([[], []]);
  });
});
