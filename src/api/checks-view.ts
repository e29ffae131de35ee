import type { ServiceState } from '../protocol/service-entry.ts';
import type { CheckState } from './check-state.ts';

/** `fogata checks --json`: every program of one host, as only that host knows it. */
export interface ChecksView {
  /** Name of the node. */
  readonly node: string;
  readonly programs: readonly ProgramHealthView[];
}

export interface ProgramHealthView {
  readonly service: string;
  readonly by: 'config' | 'program';
  /** What the cluster is told. */
  readonly state: ServiceState;
  /** ISO 8601 time of the last change of `state`. */
  readonly since: string;
  /** What was said with the last change; `` for nothing. */
  readonly note: string;
  /** It came and went too often: for so long it must be well to be believed. Null where it did not. */
  readonly heldMs: number | null;
  /** Exchanges and streams it has in hand. */
  readonly inFlight: number;
  readonly checks: readonly CheckView[];
}

export interface CheckView {
  readonly name: string;
  readonly way: string;
  /** `starting`: it has not passed yet, and its grace is not over. */
  readonly state: CheckState | 'starting';
  readonly since: string;
  /** Of the last run, at most 4,096 bytes. */
  readonly output: string;
  readonly lastRun: string | null;
  /** Of a heartbeat: when it is due. */
  readonly nextRun: string | null;
  readonly runs: number;
}
