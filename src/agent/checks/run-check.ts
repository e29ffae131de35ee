import type { Clock, Timer } from '../../runtime/clock.ts';
import type { Random } from '../../runtime/random.ts';
import { type CheckResult, checkResult, type Probe, timedOut } from './check-result.ts';
import type { CheckTerms, ProbedWay } from './check-spec.ts';
import { CheckVerdict } from './check-verdict.ts';
import type { RunningCheck } from './running-check.ts';

export interface RunCheckOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly spec: CheckTerms & ProbedWay;
  readonly probe: Probe;
  /** The state of `standing()` is another. */
  readonly onChange: () => void;
}

/** While nobody listens, or it starts: a restarted program is to have work again at once. */
const soonMs = 250;

/** Runs are spread over the last tenth of the interval, so that checks of many hosts do not fall into step; never later than promised. */
const jitterShare = 0.1;

/** Probes again and again, the first time at once, from the start of one run to the start of the next. */
export function runCheck({ clock, random, spec, probe, onChange }: RunCheckOptions): RunningCheck {
  const verdict = new CheckVerdict(spec);
  const startedAt = clock.now();
  let since = startedAt;
  let last: { readonly at: number; readonly result: CheckResult } | undefined;
  let nextAt: number | undefined;
  let runs = 0;
  let timer: Timer | undefined;
  let abandon = (): void => undefined;
  let isStopped = false;
  const grace = clock.schedule(spec.graceMs, () => {
    if (verdict.endStart()) changed();
  });

  function changed(): void {
    since = clock.now();
    onChange();
  }

  function begin(): void {
    const begunAt = clock.now();
    nextAt = undefined;
    runs += 1;
    let isOver = false;
    const conclude = (result: CheckResult): void => {
      if (isOver) return;
      isOver = true;
      timer?.cancel();
      take(result, begunAt);
    };
    timer = clock.schedule(spec.timeoutMs, () => {
      cancel();
      conclude(timedOut(spec.timeoutMs));
    });
    const cancel = probe(conclude);
    abandon = () => {
      isOver = true;
      cancel();
    };
  }

  function take(result: CheckResult, begunAt: number): void {
    if (isStopped) return;
    const now = clock.now();
    last = { at: now, result };
    if (verdict.take(result)) changed();
    const interval = spec.intervalMs * (1 - jitterShare * random.next());
    const isSoon = verdict.state === 'starting' || (result.isAbsent && verdict.state !== 'passing');
    plan(isSoon && spec.way !== 'command' ? Math.min(soonMs, interval) : begunAt + interval - now);
  }

  function plan(delayMs: number): void {
    if (isStopped) return;
    const wait = Math.max(0, delayMs);
    nextAt = clock.now() + wait;
    timer = clock.schedule(wait, begin);
  }

  begin();
  return {
    standing: () => ({
      name: spec.name,
      way: spec.way,
      state: verdict.state,
      since,
      output: last?.result.output ?? '',
      lastAt: last?.at,
      nextAt,
      runs,
    }),
    refused(port) {
      if (isStopped || verdict.state === 'critical' || !isAt(spec, port)) return;
      // What a probe under way is going to say is older than this.
      abandon();
      timer?.cancel();
      take({ ...checkResult('critical', 'a connection was refused just now'), isAbsent: true }, clock.now());
    },
    stop() {
      isStopped = true;
      abandon();
      timer?.cancel();
      grace.cancel();
    },
  };
}

function isAt(way: ProbedWay, port: number): boolean {
  if (way.way === 'tcp' || way.way === 'grpc') return way.port === port;
  return way.way === 'http' && Number(new URL(way.url).port || 80) === port;
}
