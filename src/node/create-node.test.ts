import { describe, expect, it } from 'vitest';
import type { Clock } from '../runtime/clock.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { createWorld } from '../testing/world.ts';
import { createNode } from './create-node.ts';

const options = { name: 'a', cluster: 'site', id: undefined, open: true, port: 7472, beaconPort: 7470, seeds: [] };

function fail(): never {
  throw new Error('broken');
}

/** They begin by planning the first look at the load. */
function failingAtFirstLook(clock: Clock): Clock['schedule'] {
  return (delayMs, callback) => (delayMs === 1_500 ? fail() : clock.schedule(delayMs, callback));
}

describe('createNode', () => {
  const faults: [string, (runtime: Runtime) => Partial<Runtime>][] = [
    ['while its parts are made', () => ({ interfaces: { list: fail } })],
    ['while they begin', ({ clock }) => ({ clock: { ...clock, schedule: failingAtFirstLook(clock) } })],
  ];

  it.each(faults)('that fails %s gives its port back, and does nothing more', async (_when, broken) => {
    const world = createWorld();
    const { runtime } = world.host('a').start();
    const create = (given: Runtime) => world.complete(createNode({ ...options, timing: 'lan' }, given));
    await expect(create({ ...runtime, ...broken(runtime) })).rejects.toThrow('broken');
    // What a timer did now would fail the run.
    await world.runFor(5_000);
    expect((await create(runtime)).local.port).toBe(7472);
  });
});
