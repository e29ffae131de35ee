import { describe, expect, it } from 'vitest';
import { InstanceTrack } from './instance-track.ts';
import { ServiceFigures } from './service-figures.ts';

/** A service whose answers usually take 10 ms, and one instance of it. */
function usual() {
  const figures = new ServiceFigures();
  const others = [new InstanceTrack(figures), new InstanceTrack(figures), new InstanceTrack(figures)];
  for (let i = 0; i < 60; i++) answer(others[i % 3]!, i, 10);
  return { figures, others, one: new InstanceTrack(figures) };
}

function answer(track: InstanceTrack, now: number, latencyMs: number): void {
  track.begin(now - latencyMs);
  track.end(now, latencyMs, 'answered');
}

describe('the latency to be expected', () => {
  it('is the usual one before it was measured', () => {
    expect(usual().one.expectedMs(100)).toBeCloseTo(10);
  });

  it('follows what is measured, the more of it the more there is', () => {
    const { one } = usual();
    answer(one, 100, 100);
    const after1 = one.expectedMs(100);
    for (let i = 0; i < 30; i++) answer(one, 101 + i, 100);
    const after31 = one.expectedMs(131);
    expect(after1).toBeGreaterThan(15);
    expect(after1).toBeLessThan(50);
    expect(after31).toBeGreaterThan(50);
  });

  it('is forgotten, so that one that was slow is worth a try again', () => {
    const { one, figures } = usual();
    for (let i = 0; i < 5; i++) answer(one, 100 + i, 100);
    expect(one.expectedMs(105)).toBeGreaterThan(30);
    expect(one.expectedMs(105 + 5_000) / figures.latencyMs).toBeCloseTo(1, 0);
  });

  it('is forgotten the later, the more often it was found slow again', () => {
    const { one } = usual();
    let now = 100;
    for (let tries = 0; tries < 8; tries++) {
      answer(one, now, 100);
      now += 5_000 * 2 ** tries;
    }
    answer(one, now, 100);
    expect(one.expectedMs(now + 5_000)).toBeGreaterThan(13);
  });

  it('is void when a host that was full is not any more', () => {
    const { one, figures } = usual();
    one.noteLoad(100, 0.95);
    for (let i = 0; i < 20; i++) answer(one, 100 + i, 150);
    expect(one.expectedMs(120)).toBeGreaterThan(50);
    one.noteLoad(121, 0.2);
    expect(one.expectedMs(121)).toBe(figures.latencyMs);
  });

  it.each([[[0.95, 0.7, 0.55, 0.3]], [[0.85, 0.49]]])('is so too when its load comes down by steps: %j', (loads) => {
    const { one, figures } = usual();
    for (let i = 0; i < 20; i++) answer(one, 100 + i, 150);
    for (const load of loads) {
      expect(one.expectedMs(121)).toBeGreaterThan(50);
      one.noteLoad(121, load);
    }
    expect(one.expectedMs(121)).toBe(figures.latencyMs);
  });

  it('one answer that took very long does not bar it for minutes', () => {
    const { one } = usual();
    answer(one, 60_000, 60_000);
    expect(one.expectedMs(60_000)).toBeLessThan(100);
  });

  it('grows with silence while something is under way, and with nothing under way does not', () => {
    const { one } = usual();
    answer(one, 100, 10);
    one.begin(200);
    expect(one.expectedMs(205)).toBeLessThan(12);
    expect(one.expectedMs(220)).toBeGreaterThan(20);
    expect(one.expectedMs(300)).toBeGreaterThan(500);
    one.end(301, 101, 'answered');
    expect(one.expectedMs(10_000)).toBeLessThan(15);
  });

  it('what waited while it stood still was not slow', () => {
    const { one } = usual();
    for (let i = 0; i < 20; i++) answer(one, 100 + i, 10);
    for (let i = 0; i < 20; i++) one.begin(200);
    for (let i = 0; i < 20; i++) one.end(2_200, 2_000, 'answered');
    expect(one.expectedMs(2_200)).toBeLessThan(25);
  });

  it('of failures is as of slow answers, however quick they are', () => {
    const { one } = usual();
    for (let i = 0; i < 4; i++) {
      one.begin(100 + i);
      one.end(100 + i, 0.1, 'failed');
    }
    expect(one.expectedMs(104)).toBeGreaterThan(15);
  });
});

describe('its fitness', () => {
  it('hangs after a long silence, and each time that has doubled one attempt may find out', () => {
    const { one } = usual();
    answer(one, 900, 10);
    one.begin(1_000);
    expect(one.fitness(1_050)).toBe('fit');
    let trials = 0;
    for (let now = 1_000; now < 5_000; now++) {
      if (one.fitness(now) !== 'trial') continue;
      trials += 1;
      one.begin(now);
    }
    expect(one.fitness(5_000)).toBe('hanging');
    expect(trials).toBeGreaterThanOrEqual(2);
    expect(trials).toBeLessThanOrEqual(6);
    one.end(5_001, 4_001, 'answered');
    expect(one.fitness(5_001)).toBe('fit');
  });

  it('five failures running leave it out, where the others do well', () => {
    const { one } = usual();
    for (let i = 0; i < 5; i++) {
      expect(one.fitness(100 + i)).toBe('fit');
      one.begin(100 + i);
      one.end(100 + i, 1, 'failed');
    }
    expect(one.fitness(105)).toBe('ejected');
    expect(one.fitness(105 + 2_000)).toBe('trial');
  });

  it('where all fail alike none is left out', () => {
    const { one, others } = usual();
    for (let i = 0; i < 30; i++) {
      for (const track of [one, ...others]) {
        track.begin(10_000 + i);
        track.end(10_000 + i, 1, 'failed');
      }
    }
    expect([one, ...others].map((track) => track.fitness(10_030))).toEqual(['fit', 'fit', 'fit', 'fit']);
  });

  it('of four at most two are left out for errors, one after the other', () => {
    const { one, others } = usual();
    for (const track of [one, ...others.slice(0, 2)]) {
      for (let i = 0; i < 8; i++) {
        track.begin(100 + i);
        track.end(100 + i, 1, 'failed');
      }
    }
    const fitness = [one, ...others].map((track) => track.fitness(110));
    expect(fitness.filter((it) => it === 'ejected')).toHaveLength(2);
  });

  it('the only one is never left out', () => {
    const only = new InstanceTrack();
    for (let i = 0; i < 20; i++) {
      only.begin(i);
      only.end(i, 1, 'failed');
    }
    expect(only.fitness(20)).toBe('fit');
  });

  it('what cannot be reached is left out at once, for a second and then longer', () => {
    const { one } = usual();
    one.begin(100);
    one.end(100, 0, 'unreachable');
    expect(one.fitness(101)).toBe('ejected');
    expect(one.fitness(1_100)).toBe('trial');
    one.begin(1_100);
    expect(one.fitness(1_101)).toBe('ejected');
    one.end(1_101, 1, 'unreachable');
    expect(one.fitness(2_200)).toBe('ejected');
    expect(one.fitness(3_101)).toBe('trial');
    one.begin(3_101);
    one.end(3_102, 1, 'answered');
    expect(one.fitness(3_103)).toBe('fit');
  });
});

it('counts what is under way, whatever comes of it', () => {
  const { one, figures } = usual();
  const ends = ['answered', 'refused', 'failed', 'unreachable', 'expired', 'cancelled'] as const;
  for (const how of ends) one.begin(100 + how.length);
  expect([one.inFlight, figures.inFlight]).toEqual([6, 6]);
  for (const how of ends) one.end(200, 1, how);
  expect([one.inFlight, figures.inFlight]).toEqual([0, 0]);
});
