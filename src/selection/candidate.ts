import type { NodeId } from '../protocol/ids.ts';
import type { ServiceState } from '../protocol/service-entry.ts';

/** An instance that could be chosen, with all that is known here about how it fares. */
export interface SelectionCandidate {
  readonly node: NodeId;
  readonly sameHost: boolean;
  /** The dead and the left are no candidates. */
  readonly state: 'alive' | 'degraded' | 'suspect';
  readonly serviceState: ServiceState;
  /** Exchanges of this caller's node with it that are not ended yet. */
  readonly inFlightHere: number;
  /** 0 idle to 1 full; `undefined` not known. */
  readonly load: number | undefined;
  /** Age of `load` in milliseconds. */
  readonly loadAgeMs: number;
  /** 100 is normal, 0 takes none. */
  readonly weight: number;
  /** Since the last failure of an exchange with it; `undefined` none. */
  readonly recentFailureAgeMs: number | undefined;
}
