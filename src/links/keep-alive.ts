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
  /** A frame that somebody waits for went or came: from now on silence is noticed soon. */
  work(): void;
  /** Asks now; without an answer the link is silent one timeout less one interval from now. */
  verify(): void;
  /** Something came from the other side. */
  heard(now: number): void;
  /** Reading is paused by this side: silence proves nothing. */
  suspend(): void;
  resume(): void;
  stop(): void;
}

/** For so long after the last frame of work a link is watched closely: about as long as people wait for an answer. */
const workMs = 10_000;

/**
 * Least interval on a link without work; the timeout grows as much. A node has a link to every other in time, and pinging
 * all of them four times a second would be most of what an idle node does. Who dies is noticed by the membership.
 */
const quietIntervalMs = 20_000;

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
  let workedAt = Number.NEGATIVE_INFINITY;
  /** There was work since `workedAt` was written: asking the clock for each frame would cost as much as sending it. */
  let worked = false;
  let dueAt = 0;
  let suspended = false;
  let timer: Timer | undefined;
  const quietFactor = Math.max(1, quietIntervalMs / timing.intervalMs);
  /** By which the running timer's interval is stretched. */
  let factor = 1;

  function plan(): void {
    if (worked) workedAt = clock.now();
    worked = false;
    factor = clock.now() - workedAt < workMs ? 1 : quietFactor;
    dueAt = clock.now() + timing.intervalMs * factor;
    timer = clock.schedule(timing.intervalMs * factor, look);
  }

  function look(): void {
    const now = clock.now();
    const intervalMs = timing.intervalMs * factor;
    if (suspended || now - dueAt > timing.intervalMs) heardAt = Math.max(heardAt, now - intervalMs);
    const silentMs = now - heardAt;
    if (silentMs >= timing.timeoutMs * factor) {
      timer = undefined;
      events.silent(silentMs);
      return;
    }
    if (silentMs >= intervalMs * 0.9) events.ping();
    plan();
  }

  /** The long silence of a quiet link proves nothing yet: it is asked, and has the usual time to answer. */
  function watchClosely(): void {
    workedAt = clock.now();
    if (timer === undefined || factor === 1) return;
    timer.cancel();
    heardAt = Math.max(heardAt, clock.now() - timing.intervalMs);
    events.ping();
    plan();
  }

  return {
    start() {
      heardAt = clock.now();
      plan();
    },
    work() {
      worked = true;
      if (factor !== 1) watchClosely();
    },
    verify() {
      watchClosely();
      heardAt = Math.min(heardAt, clock.now() - timing.intervalMs);
      events.ping();
    },
    heard(now) {
      heardAt = now;
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
