import type { VerdictState } from './check-verdict.ts';

/** How a check stands. Times are monotonic milliseconds. */
export interface CheckStanding {
  readonly name: string;
  readonly way: string;
  readonly state: VerdictState;
  /** When the state became this one. */
  readonly since: number;
  /** Of the last run. */
  readonly output: string;
  readonly lastAt: number | undefined;
  /** When it runs again, or a heartbeat is due. */
  readonly nextAt: number | undefined;
  readonly runs: number;
}

/** A check that goes on until it is stopped. */
export interface RunningCheck {
  standing(): CheckStanding;
  /** Nobody listens at this port of the program: somebody's work was refused there just now. */
  refused(port: number): void;
  stop(): void;
}
