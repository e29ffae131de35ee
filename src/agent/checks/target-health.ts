import { type CheckState, workingStateOf } from '../../api/check-state.ts';
import type { WorkingState } from '../../delivery/flap-damping.ts';
import { FogataError } from '../../protocol/fogata-error.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Random } from '../../runtime/random.ts';
import type { CheckSpec } from './check-spec.ts';
import { type VerdictState, worseVerdict } from './check-verdict.ts';
import { type HeartbeatCheck, heartbeatCheck } from './heartbeat-check.ts';
import { probeOf } from './probe-of.ts';
import { runCheck } from './run-check.ts';
import type { CheckStanding, RunningCheck } from './running-check.ts';

export interface TargetHealthOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** At least one. */
  readonly checks: readonly CheckSpec[];
  /** Told every change; `note` is what the worst check said. It is `down` before the first. */
  readonly setState: (state: WorkingState, note: string) => void;
}

/** All checks of one instance: the worst counts. */
export interface TargetHealth {
  standings(): readonly CheckStanding[];
  refused(port: number): void;
  /** Throws FogataError `invalid` where no check waits for one. */
  heartbeat(state: CheckState, text: string): void;
  stop(): void;
}

export function targetHealth({ clock, random, checks, setState }: TargetHealthOptions): TargetHealth {
  const running: RunningCheck[] = [];
  const heartbeats: HeartbeatCheck[] = [];
  let said: string | undefined;

  function review(): void {
    const standings = running.map((check) => check.standing());
    // Each begins as `starting`, so nothing is told before all are there.
    if (standings.length < checks.length) return;
    let worst: VerdictState = 'passing';
    for (const { state } of standings) worst = worseVerdict(worst, state);
    const cause = standings.find(({ state }) => state === worst);
    const note = cause === undefined || worst === 'passing' ? '' : `${cause.name}: ${cause.output}`;
    const key = `${worst} ${cause?.name ?? ''}`;
    if (key === said) return;
    said = key;
    setState(workingStateOf(worst === 'starting' ? 'critical' : worst), note);
  }

  for (const spec of checks) {
    if (spec.way === 'heartbeat') {
      const check = heartbeatCheck(clock, spec, review);
      heartbeats.push(check);
      running.push(check);
    } else running.push(runCheck({ clock, random, spec, probe: probeOf(spec), onChange: review }));
  }
  review();

  return {
    standings: () => running.map((check) => check.standing()),
    refused(port) {
      for (const check of running) check.refused(port);
    },
    heartbeat(state, text) {
      if (heartbeats.length === 0) throw new FogataError('invalid', 'it has no check that waits for heartbeats');
      for (const check of heartbeats) check.beat(state, text);
    },
    stop() {
      for (const check of running) check.stop();
    },
  };
}
