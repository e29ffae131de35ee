import { describe, expect, it } from 'vitest';
import { createWorld } from '../../testing/world.ts';
import { heartbeatCheck } from './heartbeat-check.ts';

function bed(graceMs: number) {
  const world = createWorld();
  const { clock } = world.host('h').start().runtime;
  const told: string[] = [];
  const terms = { name: 'heartbeat', intervalMs: 1_000, timeoutMs: 1_000, rise: 1, fall: undefined, graceMs };
  const check = heartbeatCheck(clock, { ...terms, way: 'heartbeat', withinMs: 2_000 }, () => {
    told.push(`${clock.now()} ${check.standing().state}`);
  });
  return { world, told, check };
}

describe('a heartbeat', () => {
  it('says how it is, until it does not come', async () => {
    const { world, told, check } = bed(0);
    await world.runFor(100);
    check.beat('passing', 'fine');
    await world.runFor(1_900);
    check.beat('warning', 'queue is long');
    expect(check.standing()).toMatchObject({ output: 'queue is long', lastAt: 2_000, nextAt: 4_000, runs: 2 });
    await world.runFor(2_500);
    expect(told).toEqual(['100 passing', '2000 warning', '4000 critical']);
    expect(check.standing().output).toBe('no heartbeat for 2000 ms');
    check.beat('passing', '');
    check.stop();
    await world.runFor(10_000);
    expect(told.at(-1)).toBe('4500 passing');
  });

  it('may be late the first time, by the grace', async () => {
    const { world, told, check } = bed(5_000);
    await world.runFor(4_999);
    expect([told, check.standing().state]).toEqual([[], 'starting']);
    await world.runFor(2);
    expect(told).toEqual(['5000 critical']);
  });

  it('keeps 4,096 bytes of what it says', () => {
    const { check } = bed(0);
    check.beat('passing', 'x'.repeat(4_097));
    expect(check.standing().output).toHaveLength(4_096);
    check.stop();
  });
});
