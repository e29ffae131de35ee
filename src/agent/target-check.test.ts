import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { listen } from '../../test/agent/proxy-bed.ts';
import type { Clock } from '../runtime/clock.ts';
import { targetCheck } from './target-check.ts';
import { type ProbeResult, tcpProbe } from './tcp-probe.ts';

/** A clock that is moved by hand, and a program that answers as it is told. */
function world(answer: ProbeResult | 'silence') {
  let now = 0;
  let timers: { at: number; run: () => void }[] = [];
  const clock: Clock = {
    now: () => now,
    wallTime: () => now,
    schedule(delayMs, run) {
      const timer = { at: now + delayMs, run };
      timers.push(timer);
      return { cancel: () => void (timers = timers.filter((each) => each !== timer)) };
    },
  };
  const state = { answer, probes: 0, told: [] as string[] };
  const check = targetCheck({
    clock,
    probe(done) {
      state.probes += 1;
      const { answer } = state;
      if (answer === 'silence') return () => undefined;
      return clock.schedule(1, () => done(answer)).cancel;
    },
    setState: (next) => void state.told.push(`${now} ${next}`),
  });
  function pass(ms: number): void {
    const end = now + ms;
    for (;;) {
      const next = timers.toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined || next.at > end) break;
      timers = timers.filter((each) => each !== next);
      now = next.at;
      next.run();
    }
    now = end;
  }
  return { state, check, pass, timers: () => timers.length };
}

describe('targetCheck', () => {
  it('says up at once, and then nothing as long as it stays so', () => {
    const { state, pass } = world('connected');
    pass(10_000);
    expect(state.told).toEqual(['1 up']);
    expect(state.probes).toBe(10);
  });

  it('one refusal is down; it is asked more often until it is back', () => {
    const { state, pass } = world('connected');
    pass(500);
    state.answer = 'refused';
    pass(1_500);
    expect(state.told).toEqual(['1 up', '1002 down']);
    state.answer = 'connected';
    pass(1_000);
    expect(state.told[2]).toMatch(/^2\d\d\d up$/);
    expect(state.probes).toBeLessThan(9);
  });

  it('two time-outs are down, one is not', () => {
    const { state, pass } = world('connected');
    pass(500);
    state.answer = 'silence';
    pass(2_400);
    expect(state.told).toEqual(['1 up']);
    pass(2_000);
    expect(state.told).toEqual(['1 up', '4001 down']);
  });

  it('a time-out between successes counts for nothing', () => {
    const { state, pass } = world('connected');
    for (let i = 0; i < 5; i++) {
      state.answer = 'silence';
      pass(2_000);
      state.answer = 'connected';
      pass(2_000);
    }
    expect(state.told).toEqual(['1 up']);
  });

  it('a request that was refused marks it down at once, once, whatever a check under way says', () => {
    const { state, check, pass } = world('connected');
    pass(1_001);
    check.refused();
    check.refused();
    expect(state.told).toEqual(['1 up', '1001 down']);
    pass(251);
    expect(state.told[2]).toBe('1252 up');
  });

  it('stops', () => {
    const { state, check, pass, timers } = world('connected');
    pass(1_000);
    check.stop();
    check.refused();
    expect(timers()).toBe(0);
    pass(5_000);
    expect(state.told).toEqual(['1 up']);
  });
});

describe('tcpProbe', () => {
  it('tells a listener from none', async () => {
    const server = createServer();
    const port = await listen(server);
    const probe = tcpProbe('127.0.0.1', port);
    const tried = () => new Promise((resolve) => void probe(resolve));
    expect(await tried()).toBe('connected');
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect(await tried()).toBe('refused');
  });
});
