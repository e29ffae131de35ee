import { describe, expect, it } from 'vitest';
import { emptyReading, type HostReading } from './host-reading.ts';
import { LoadMeter, termsOf } from './load-meter.ts';

/** What a second brings, beginning from nothing. */
function term(name: string, before: Partial<HostReading>, after: Partial<HostReading>): [number, string] | undefined {
  const start: HostReading = { ...emptyReading(0), processors: 2, ...before };
  const found = termsOf(start, { ...start, at: 1_000, ...after }, 1_000).find((each) => each.name === name);
  return found && [Math.round(found.load * 1_000) / 1_000, found.detail];
}

describe('the terms of a load', () => {
  it.each<[string, string, Partial<HostReading>, Partial<HostReading>, [number, string] | undefined]>([
    ['idle', 'cpu', { busyMs: 0 }, { busyMs: 0 }, [0, '0 % of 2']],
    ['one of two busy', 'cpu', { busyMs: 0 }, { busyMs: 1_000 }, [0.425, '50 % of 2']],
    ['all busy, nobody waits', 'cpu', { busyMs: 0 }, { busyMs: 2_000, runnable: 2 }, [0.85, '100 % of 2']],
    ['all busy, as many wait', 'cpu', { busyMs: 0 }, { busyMs: 2_000, runnable: 4 }, [0.925, '100 % of 2, 4 want one']],
    [
      'all busy, everybody waits',
      'cpu',
      { busyMs: 0 },
      { busyMs: 2_000, runnable: 2_000 },
      [1, '100 % of 2, 2000 want one'],
    ],
    [
      'at its limit in every period',
      'cpu',
      { busyMs: 0, periods: 5, throttled: 5, processors: 0.5, isLimited: true },
      { busyMs: 500, periods: 15, throttled: 15 },
      [1, '100 % of 0.5 (limit), held up 100 %'],
    ],
    ['more than there is, by rounding', 'cpu', { busyMs: 0 }, { busyMs: 2_400 }, [0.85, '100 % of 2']],
    ['not known', 'cpu', {}, { busyMs: 5 }, undefined],
    ['memory is there to be used', 'memory', {}, { memoryUsed: 0.8 }, [0, '80 % used']],
    ['little left', 'memory', {}, { memoryUsed: 0.9 }, [0.5, '90 % used']],
    ['none left', 'memory', {}, { memoryUsed: 1 }, [1, '100 % used']],
    [
      'waiting for memory',
      'memory',
      { memoryStallMs: 0 },
      { memoryUsed: 0.5, memoryStallMs: 700 },
      [0.7, '50 % used, stalled 70 %'],
    ],
    ['swapping', 'swap', { swapPages: 0 }, { swapPages: 1_000 }, [0.5, '1000 pages/s']],
    ['swapping hard', 'swap', { swapPages: 0 }, { swapPages: 9_000 }, [0.9, '9000 pages/s']],
    [
      'waiting for a disk',
      'disk',
      { diskStallMs: 100 },
      { diskStallMs: 400, diskBusyMs: [1_000] },
      [0.3, 'stalled 30 %'],
    ],
    [
      'a busy disk, where pressure is not told',
      'disk',
      { diskBusyMs: [0, 0] },
      { diskBusyMs: [100, 800] },
      [0.4, 'busy 80 %'],
    ],
    ['a disk that came', 'disk', { diskBusyMs: [0] }, { diskBusyMs: [100, 800] }, undefined],
    [
      'the fullest interface',
      'network',
      {
        networks: [
          { name: 'a', bytes: 0, bytesPerSecond: 1_000 },
          { name: 'b', bytes: 0, bytesPerSecond: 100 },
        ],
      },
      {
        networks: [
          { name: 'a', bytes: 400, bytesPerSecond: 1_000 },
          { name: 'b', bytes: 90, bytesPerSecond: 100 },
        ],
      },
      [0.9, 'b 90 %'],
    ],
    ['an interface that came', 'network', {}, { networks: [{ name: 'a', bytes: 9, bytesPerSecond: 9 }] }, undefined],
    ['the loop', 'loop', {}, { loopBusyMs: 250 }, [0.25, 'at work 25 %']],
    ['a counter that went back', 'swap', { swapPages: 9 }, { swapPages: 1 }, [0, '0 pages/s']],
  ])('%s', (_what, name, before, after, expected) => {
    expect(term(name, before, after)).toEqual(expected);
  });
});

describe('a load meter', () => {
  const reading = (at: number, busyMs: number): HostReading => ({ ...emptyReading(at), busyMs, memoryUsed: 0.9 });

  it('knows nothing by the first reading, then the fullest term', () => {
    const meter = new LoadMeter();
    expect(meter.take(reading(0, 0))).toBeUndefined();
    expect(meter.take(reading(0, 9))).toBeUndefined();
    expect(meter.take(reading(250, 0))).toBeCloseTo(0.5);
    expect(meter.terms.map(({ name }) => name)).toEqual(['cpu', 'memory', 'loop']);
  });

  it('a host that is burnt is known as such within a second, and as idle again', () => {
    const meter = new LoadMeter();
    let busyMs = 0;
    const seen: number[] = [];
    for (let at = 0; at <= 6_000; at += 250) {
      const isBurnt = at > 2_000 && at <= 4_000;
      if (isBurnt) busyMs += 250;
      const load = meter.take({ ...emptyReading(at), busyMs, runnable: isBurnt ? 4 : 0 });
      if (load !== undefined) seen.push(Math.round(load * 100) / 100);
    }
    const after = (ms: number) => seen[ms / 250 - 1] ?? -1;
    expect(after(2_000)).toBe(0);
    expect(after(2_500)).toBeGreaterThan(0.6);
    expect(after(3_000)).toBeGreaterThan(0.8);
    expect(after(4_500)).toBeLessThan(0.4);
    expect(after(5_000)).toBeLessThan(0.15);
  });
});
