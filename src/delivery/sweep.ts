import type { Clock, Timer } from '../runtime/clock.ts';

/** One timer for all deadlines of a kind. */
export interface Sweep {
  /** Something is due at that time (monotonic milliseconds). Nothing is planned for Infinity. */
  by(at: number): void;
  stop(): void;
}

/** A deadline is a promise to people: 8 ms late is in time, and looking through everything more often costs more than it brings. */
const pauseMs = 8;

/**
 * Calls `look` when the earliest of the times it was told has come, at most every 8 ms. `look` goes through everything that
 * has a deadline and returns the earliest that is left. Calls mostly end long before their deadline: nothing is noted for
 * them here and nothing taken out, and with calls of 10 s the one look every 10 s costs nothing.
 */
export function createSweep(clock: Clock, look: (now: number) => number): Sweep {
  let dueAt = Number.POSITIVE_INFINITY;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let timer: Timer | undefined;
  let stopped = false;

  function plan(at: number): void {
    if (stopped || at >= dueAt) return;
    timer?.cancel();
    dueAt = at;
    timer = clock.schedule(Math.max(0, Math.max(at, lookedAt + pauseMs) - clock.now()), fire);
  }

  function fire(): void {
    timer = undefined;
    dueAt = Number.POSITIVE_INFINITY;
    lookedAt = clock.now();
    plan(look(lookedAt));
  }

  return {
    by: plan,
    stop() {
      stopped = true;
      timer?.cancel();
      timer = undefined;
    },
  };
}

/** A `look` through what has a deadline each: tells those that are due, and returns the earliest of the others. */
export function lookThrough<One extends { readonly deadlineAt: number }>(
  all: readonly One[],
  now: number,
  due: (one: One) => void,
): number {
  let nextAt = Number.POSITIVE_INFINITY;
  for (const one of all) {
    if (one.deadlineAt <= now) due(one);
    else if (one.deadlineAt < nextAt) nextAt = one.deadlineAt;
  }
  return nextAt;
}
