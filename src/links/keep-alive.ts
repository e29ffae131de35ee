import type { Clock, Timer } from '../runtime/clock.ts';

/** Timing of [F5]. */
export interface KeepAliveTiming {
  /** A ping goes out when nothing was heard for this long. */
  readonly intervalMs: number;
  /** The link is lost when nothing was heard for this long; at least three intervals, so that one late pong kills nothing. */
  readonly timeoutMs: number;
}

export interface KeepAlive {
  start(): void;
  /** Asks now; without an answer the link is silent one timeout less one interval from now. */
  verify(): void;
  /** Something came from the other side. */
  heard(): void;
  /** Reading is paused by this side: silence proves nothing. */
  suspend(): void;
  resume(): void;
  stop(): void;
}

/**
 * Watches one link on a clock of its own: what this side sends puts nothing off, so traffic cannot hide a dead peer.
 * A look that comes late (this process was frozen or overloaded) judges nobody: it grants one more interval.
 */
export function createKeepAlive(
  clock: Clock,
  timing: KeepAliveTiming,
  events: { ping(): void; silent(forMs: number): void },
): KeepAlive {
  let heardAt = 0;
  let dueAt = 0;
  let suspended = false;
  let timer: Timer | undefined;

  function plan(): void {
    dueAt = clock.now() + timing.intervalMs;
    timer = clock.schedule(timing.intervalMs, look);
  }

  function look(): void {
    const now = clock.now();
    if (suspended || now - dueAt > timing.intervalMs) heardAt = Math.max(heardAt, now - timing.intervalMs);
    const silentMs = now - heardAt;
    if (silentMs >= timing.timeoutMs) {
      timer = undefined;
      events.silent(silentMs);
      return;
    }
    if (silentMs >= timing.intervalMs * 0.9) events.ping();
    plan();
  }

  return {
    start() {
      heardAt = clock.now();
      plan();
    },
    verify() {
      heardAt = Math.min(heardAt, clock.now() - timing.intervalMs);
      events.ping();
    },
    heard() {
      heardAt = clock.now();
    },
    suspend() {
      suspended = true;
    },
    resume() {
      suspended = false;
      heardAt = clock.now();
    },
    stop() {
      timer?.cancel();
      timer = undefined;
    },
  };
}
