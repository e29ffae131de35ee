import type { CheckState } from '../../api/check-state.ts';
import { cutUtf8 } from '../../protocol/utf8.ts';
import type { Clock, Timer } from '../../runtime/clock.ts';
import { outputBytesMax } from './check-result.ts';
import type { CheckTerms, HeartbeatWay } from './check-spec.ts';
import type { VerdictState } from './check-verdict.ts';
import type { RunningCheck } from './running-check.ts';

export interface HeartbeatCheck extends RunningCheck {
  beat(state: CheckState, text: string): void;
}

/** A check that is told its results by the program. What is not told in time is critical, until it is told again. */
export function heartbeatCheck(clock: Clock, spec: CheckTerms & HeartbeatWay, onChange: () => void): HeartbeatCheck {
  let state: VerdictState = 'starting';
  let since = clock.now();
  let output = '';
  let lastAt: number | undefined;
  let dueAt = since + Math.max(spec.graceMs, spec.withinMs);
  let runs = 0;
  let timer: Timer = clock.schedule(dueAt - since, miss);

  function become(next: CheckState, text: string): void {
    output = cutUtf8(text, outputBytesMax);
    if (next === state) return;
    state = next;
    since = clock.now();
    onChange();
  }

  function miss(): void {
    become('critical', `no heartbeat for ${spec.withinMs} ms`);
  }

  return {
    beat(next, text) {
      timer.cancel();
      lastAt = clock.now();
      dueAt = lastAt + spec.withinMs;
      runs += 1;
      timer = clock.schedule(spec.withinMs, miss);
      become(next, text);
    },
    standing: () => ({ name: spec.name, way: 'heartbeat', state, since, output, lastAt, nextAt: dueAt, runs }),
    // A program that says it works and lets nobody in: what says so next is its heartbeat.
    refused() {},
    stop: () => timer.cancel(),
  };
}
