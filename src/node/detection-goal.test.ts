import { describe, expect, it } from 'vitest';
import { addressOf, gossip, live, machine, update } from '../../test/simulation/one-machine.ts';
import type { Membership } from '../membership/membership.ts';
import { timingProfiles } from '../membership/timing.ts';
import { silentLog } from '../runtime/log.ts';
import { createWorld } from '../testing/world.ts';
import { createDetectionGoal } from './detection-goal.ts';

function bed(membership: Membership, goalMs: number | undefined) {
  const world = createWorld();
  const warnings: unknown[] = [];
  const log = { ...silentLog, warn: (_: string, fields?: unknown) => void warnings.push(fields) };
  const { clock } = world.host('a').start('main').runtime;
  const goal = createDetectionGoal({ clock, log }, membership, timingProfiles.lan, goalMs);
  return { world, goal, warnings };
}

/** It knows `count` others, who answer. */
function knowing(m: Membership, count: number): Membership {
  const others = Array.from({ length: count }, (_, index) => index + 2);
  m.packet(gossip(2, ...others.map((n) => update(n))), addressOf(2), 0);
  live(m, 0, 1_000, others);
  return m;
}

describe('[M18] how soon silence is noticed', () => {
  it('is the profile’s where nothing was asked for', () => {
    expect(bed(knowing(machine(), 9), undefined).goal.view()).toEqual({ askedMs: null, withinMs: 1_953, why: '' });
  });

  it('is what was asked for, where that is possible', () => {
    const { goal, warnings } = bed(knowing(machine(), 9), 1_000);
    expect(goal.view()).toEqual({ askedMs: 1_000, withinMs: 1_000, why: '' });
    expect(warnings).toEqual([]);
  });

  it('is more where the round trips take too long, and why is told once', async () => {
    const m = knowing(machine(), 9);
    const slow = { ...m, members: () => [...m.members()].map((it) => ({ ...it, rttMs: 60 })) };
    const { world, goal, warnings } = bed(slow, 800);
    const { askedMs, withinMs, why } = goal.view();
    expect(askedMs).toBe(800);
    expect(withinMs).toBeGreaterThan(2_000);
    expect(why).toBe('an answer may take three of the slowest round trip, 60.0 ms');
    await world.runFor(60_000);
    expect(warnings).toEqual([{ goalMs: 800, detectsWithinMs: withinMs, limit: 'round-trips' }]);
    goal.stop();
  });

  it('is not lamented by one that is alone: nobody knows yet how soon it can be', async () => {
    const m = machine();
    const { world, goal, warnings } = bed(m, 500);
    await world.runFor(30_000);
    expect(warnings).toEqual([]);
    expect(goal.view().why).toBe('no other node is there to tell how soon it can be');
    knowing(m, 1);
    await world.runFor(10_000);
    expect(warnings).toHaveLength(1);
    expect(goal.view().why).toBe('of two nodes neither has a third to ask');
    goal.stop();
  });
});
