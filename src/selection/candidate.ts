import type { NodeId } from '../protocol/ids.ts';
import type { ServiceEntry } from '../protocol/service-entry.ts';
import type { InstanceTrack } from './instance-track.ts';
import type { RetryBudget } from './retry-budget.ts';

/** An instance that could be chosen: who it is, and what is known here about how it fares. */
export interface Candidate {
  readonly node: NodeId;
  /** Its node's name. */
  readonly name: string;
  /** Of the name, for `sticky`: it is the same at every caller, and after the node has started anew. */
  readonly hash: number;
  readonly sameHost: boolean;
  /** The shortest round trip to its node of late, how busy it may be now; undefined not known. */
  readonly rttMs: number | undefined;
  /** The dead and the left are no candidates. */
  readonly state: 'alive' | 'degraded' | 'suspect';
  /** Its node is degraded for what has been (it stood still, it came and went), and runs now. */
  readonly isShaky: boolean;
  readonly entry: ServiceEntry;
  readonly track: InstanceTrack;
  /** The service's, the same for all of them. */
  readonly budget: RetryBudget;
}
