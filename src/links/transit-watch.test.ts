import { describe, expect, it } from 'vitest';
import { FrameKind } from '../protocol/frame.ts';
import { noNode } from '../protocol/ids.ts';
import { createWorld } from '../testing/world.ts';
import { createTransitWatch } from './transit-watch.ts';

function frame(deadlineMs: number, kind: number = FrameKind.message) {
  const bytes = new Uint8Array(0);
  return { kind, flags: 0, hops: 8, to: noNode, from: noNode, correlation: 1, deadlineMs, bytes, start: 0, end: 0 };
}

function watch() {
  const world = createWorld();
  const { clock } = world.host('h').start().runtime;
  const transit = createTransitWatch(clock);
  return { world, transit, stamp: () => transit.stamp(clock.now()) };
}

describe('the transit watch', () => {
  it('[F13] takes what a frame was late beyond the usual off its deadline', async () => {
    const { world, transit } = watch();
    transit.heard(5_000);
    expect(transit.timely(frame(1_000)).deadlineMs).toBe(1_000);
    await world.runFor(1_000);
    // Written 100 ms after the first, and 900 ms longer under way.
    transit.heard(5_100);
    expect(transit.timely(frame(2_000)).deadlineMs).toBeCloseTo(2_000 - 900 + 20);
    expect(transit.timely(frame(500)).deadlineMs).toBe(0);
    expect(transit.timely(frame(2_000, FrameKind.run)).deadlineMs).toBeCloseTo(2_000 - 900 + 20);
    expect(transit.timely(frame(500, FrameKind.data)).deadlineMs).toBe(500);
    expect(transit.timely(frame(Number.POSITIVE_INFINITY)).deadlineMs).toBe(Number.POSITIVE_INFINITY);
  });

  it('counts from the last clock frame, for one that came in time says nothing of what came behind it', async () => {
    const { world, transit } = watch();
    transit.heard(0);
    await world.runFor(3_000);
    expect(transit.timely(frame(10_000)).deadlineMs).toBeCloseTo(10_000 - 3_000 + 20);
  });

  it('judges nothing before the first clock frame', async () => {
    const { world, transit } = watch();
    await world.runFor(60_000);
    expect(transit.timely(frame(10)).deadlineMs).toBe(10);
  });

  it('bears clocks that do not run alike', async () => {
    const { world, transit } = watch();
    // Theirs loses 100 ms in 1,000 s.
    for (let second = 0; second < 1_000; second += 10) {
      transit.heard(second * 999.9);
      expect(transit.timely(frame(1_000)).deadlineMs).toBe(1_000);
      await world.runFor(10_000);
    }
  });

  it('stamps at most every 20 ms', async () => {
    const { world, stamp } = watch();
    expect(stamp()).toBe(0);
    expect(stamp()).toBeUndefined();
    await world.runFor(25);
    expect(stamp()).toBe(25);
  });
});
