/** A pending callback. */
export interface Timer {
  /** The callback will not run; no effect once it has run. */
  cancel(): void;
}

/** The only source of time above `runtime/`. */
export interface Clock {
  /** Monotonic milliseconds since an arbitrary zero, with fractions. Never jumps. */
  now(): number;
  /** Milliseconds since 1970. May jump either way: only for display and for choosing an incarnation. */
  wallTime(): number;
  /** Runs `callback` once, not before `delayMs` (0 or more) has passed. A pending timer does not keep the process alive. */
  schedule(delayMs: number, callback: () => void): Timer;
}
