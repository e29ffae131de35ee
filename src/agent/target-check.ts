import type { Clock, Timer } from '../runtime/clock.ts';
import type { Probe, ProbeResult } from './tcp-probe.ts';

export interface TargetCheckOptions {
  readonly clock: Clock;
  readonly probe: Probe;
  /** Told the first result, then every change. */
  readonly setState: (state: 'up' | 'down') => void;
}

/** A running check. */
export interface TargetCheck {
  /** Somebody's connection was refused just now: nobody listens there. */
  refused(): void;
  stop(): void;
}

/** While it is up: work itself tells of a dead program sooner, so this is for idle ones. */
const intervalMs = 1_000;

/** While it is down, so that a restarted program has work again at once; a connection on loopback costs next to nothing. */
const downIntervalMs = 250;

const timeoutMs = 1_000;

/** One lost time-out may be a busy host. A refusal is certain at once. */
const timeoutsToDown = 2;

/** Connects to a program again and again, the first time at once, and says whether it is there. */
export function targetCheck({ clock, probe, setState }: TargetCheckOptions): TargetCheck {
  let state: 'up' | 'down' | undefined;
  let timeouts = 0;
  let timer: Timer | undefined;
  let abandon: (() => void) | undefined;
  let isStopped = false;

  function become(next: 'up' | 'down'): void {
    if (state === next) return;
    state = next;
    setState(next);
  }

  function begin(): void {
    let isOver = false;
    const conclude = (result: ProbeResult): void => {
      if (isOver) return;
      isOver = true;
      timer?.cancel();
      abandon = undefined;
      take(result);
    };
    const cancel = probe(conclude);
    abandon = () => {
      isOver = true;
      cancel();
    };
    timer = clock.schedule(timeoutMs, () => {
      cancel();
      conclude('timeout');
    });
  }

  function take(result: ProbeResult): void {
    if (isStopped) return;
    timeouts = result === 'timeout' ? timeouts + 1 : 0;
    if (result === 'connected') become('up');
    else if (result === 'refused' || timeouts >= timeoutsToDown) become('down');
    if (!isStopped) timer = clock.schedule(state === 'up' ? intervalMs : downIntervalMs, begin);
  }

  begin();
  return {
    refused() {
      if (isStopped || state === 'down') return;
      // What a probe under way is going to say is older than this.
      abandon?.();
      abandon = undefined;
      timer?.cancel();
      take('refused');
    },
    stop() {
      isStopped = true;
      abandon?.();
      timer?.cancel();
    },
  };
}
