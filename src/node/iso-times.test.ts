import { expect, it } from 'vitest';
import { createWorld } from '../testing/world.ts';
import { createIsoTimes, isoTimesMax } from './iso-times.ts';

it('shows a time as the same text whenever it is asked, and as another when the wall clock was set', async () => {
  const world = createWorld();
  const host = world.host('a');
  const isoTime = createIsoTimes(host.start().runtime.clock);
  await world.run(1_234.7);
  const first = isoTime(1_000);
  for (let step = 0; step < 10; step++) {
    await world.runFor(0.3);
    expect(isoTime(1_000)).toBe(first);
  }
  expect(first).toBe('2026-01-01T00:00:00.999Z');
  expect(isoTime(2_000)).toBe('2026-01-01T00:00:01.999Z');
  host.setWallOffset(60_000);
  expect(isoTime(1_000)).toBe('2026-01-01T00:01:00.999Z');
  host.setWallOffset(0);
  expect(isoTime(1_000)).toMatch(/^2026-01-01T00:00:0(0.999|1.000)Z$/);
});

it('is right beyond what it remembers', () => {
  const isoTime = createIsoTimes(createWorld().host('a').start().runtime.clock);
  for (let round = 0; round < 2; round++) {
    for (let at = 0; at <= isoTimesMax; at++) expect(Date.parse(isoTime(at))).toBe(Date.UTC(2026, 0, 1) + at);
  }
});
