import type { Memory } from './memory.ts';

/** At work for a larger share of the time than this, a process is busy. */
export const busyShare = 0.05;

/** Who was not busy for so long is idle. V8 shrinks what it collects only when little was allocated in the five seconds before. */
export const idleAfterMs = 10_000;

/** Shorter looks would find a process busy for each of its turns. */
export const lookMsMin = 1_000;

export interface Effort {
  readonly atMs: number;
  /** For how long the event loop has been at work since it began. */
  readonly activeMs: number;
}

/**
 * Collects once when a process has become idle. V8's young generation grows with a burst, up to 48 MiB, and shrinks when it
 * is collected, which it is when it is full: in an idle process minutes or hours later.
 */
export function idleMemory(effort: () => Effort, collect: () => void): Memory {
  let before = effort();
  let busyAtMs = before.atMs;
  // To begin is a burst.
  let isOwed = true;
  return {
    review() {
      const after = effort();
      const elapsedMs = after.atMs - before.atMs;
      if (elapsedMs < lookMsMin) return;
      const share = (after.activeMs - before.activeMs) / elapsedMs;
      before = after;
      if (share > busyShare) {
        busyAtMs = after.atMs;
        isOwed = true;
      } else if (isOwed && after.atMs - busyAtMs >= idleAfterMs) {
        isOwed = false;
        collect();
      }
    },
  };
}
