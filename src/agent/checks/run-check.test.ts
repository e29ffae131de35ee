import { describe, expect, it } from 'vitest';
import { createWorld } from '../../testing/world.ts';
import { type CheckResult, checkResult } from './check-result.ts';
import type { CheckTerms, TcpWay } from './check-spec.ts';
import { runCheck } from './run-check.ts';

const passing = checkResult('passing', 'fine');
const failing = checkResult('critical', '500');
const refused: CheckResult = { ...checkResult('critical', 'refused'), isAbsent: true };

/** A program that answers after 1 ms as it is told, or never. */
function bed(answer: CheckResult | 'silence', terms: Partial<CheckTerms> = {}) {
  const world = createWorld();
  const { clock } = world.host('h').start().runtime;
  const state = { answer, runs: [] as number[], given: 0, told: [] as string[] };
  const spec: CheckTerms & TcpWay = {
    ...{ name: 'tcp', intervalMs: 1_000, timeoutMs: 500, rise: 1, fall: undefined, graceMs: 5_000 },
    ...{ way: 'tcp', host: '127.0.0.1', port: 80 },
    ...terms,
  };
  const check = runCheck({
    clock,
    random: { next: () => 0.5, bytes: () => new Uint8Array(0) },
    spec,
    probe(done) {
      state.runs.push(clock.now());
      const { answer: said } = state;
      const timer = said === 'silence' ? undefined : clock.schedule(1, () => done(said));
      return () => {
        state.given += 1;
        timer?.cancel();
      };
    },
    onChange: () => void state.told.push(`${Math.round(clock.now())} ${check.standing().state}`),
  });
  return { world, state, check };
}

describe('a check that runs', () => {
  it('runs at once, and then within each interval, spread over its last tenth', async () => {
    const { world, state } = bed(passing);
    await world.runFor(9_000);
    expect(state.told).toEqual(['1 passing']);
    expect(state.runs).toEqual([0, 950, 1_900, 2_850, 3_800, 4_750, 5_700, 6_650, 7_600, 8_550]);
  });

  it('a failure is known within one interval, and the way back too', async () => {
    const { world, state, check } = bed(passing);
    await world.runFor(500);
    state.answer = failing;
    await world.runFor(1_000);
    state.answer = passing;
    await world.runFor(1_000);
    expect(state.told).toEqual(['1 passing', '951 critical', '1901 passing']);
    expect(check.standing()).toMatchObject({ output: 'fine', since: 1_901, lastAt: 1_901, nextAt: 2_850, runs: 3 });
  });

  it('where nobody listens it looks four times a second', async () => {
    const { world, state } = bed(passing);
    await world.runFor(500);
    state.answer = refused;
    await world.runFor(3_000);
    expect(state.runs.filter((at) => at > 1_000)).toHaveLength(10);
  });

  it('what does not answer is given up after its time, and down the second time', async () => {
    const { world, state, check } = bed(passing);
    await world.runFor(500);
    state.answer = 'silence';
    await world.runFor(3_000);
    expect(state.told).toEqual(['1 passing', '2400 critical']);
    expect(state.given).toBeGreaterThanOrEqual(2);
    expect(check.standing().output).toBe('no answer within 500 ms');
  });

  it('while it starts it is asked often, and it is critical when its grace is over', async () => {
    const { world, state, check } = bed(failing, { graceMs: 2_000 });
    await world.runFor(1_000);
    expect([check.standing().state, state.runs.length]).toEqual(['starting', 4]);
    await world.runFor(3_000);
    expect(state.told).toEqual(['2000 critical']);
  });

  it('work that is refused makes it critical at once, once, whatever a run under way is going to say', async () => {
    const { world, state, check } = bed(passing);
    await world.runFor(950);
    check.refused(81);
    check.refused(80);
    check.refused(80);
    expect(state.told).toEqual(['1 passing', '950 critical']);
    await world.runFor(260);
    expect(state.told.at(-1)).toBe('1201 passing');
  });

  it('stops, and gives up what is under way', async () => {
    const { world, state, check } = bed(passing);
    await world.runFor(950);
    check.stop();
    check.refused(80);
    const { given } = state;
    await world.runFor(10_000);
    expect([state.told, state.runs.length, given]).toEqual([['1 passing'], 2, 1]);
  });
});
