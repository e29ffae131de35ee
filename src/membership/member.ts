import type { NodeId } from '../protocol/ids.ts';
import type { MemberCause, MemberState } from '../protocol/member-update.ts';
import type { SocketAddress } from '../protocol/socket-address.ts';
import type { Observation } from './observation.ts';
import type { Provenance } from './provenance.ts';

/** A row of the membership table, as others may see it: a snapshot, never changed after it was handed out. */
export interface Member {
  readonly id: NodeId;
  readonly name: string;
  readonly incarnation: number;
  /** As it is shown and acted upon here: what is claimed, less what a single other node says and what comes and goes. */
  readonly state: MemberState;
  /** What the nodes tell each other of it [M1]. */
  readonly claimed: MemberState;
  /** What led to `claimed`; `undefined` where nobody said. */
  readonly cause: MemberCause | undefined;
  /** What it says of itself, most useful first. */
  readonly addresses: readonly SocketAddress[];
  /** Where it was last really reached, else the best guess. */
  readonly reachedAt: SocketAddress;
  readonly versionOldest: number;
  readonly versionNewest: number;
  readonly recordVersion: number;
  /** Monotonic milliseconds of the last change of state. */
  readonly since: number;
  /** Smoothed round trip of probes, `undefined` before the first ack. */
  readonly rttMs: number | undefined;
  /** The shortest of late: of the way there, without what its host had to do meanwhile. `undefined` before the first ack. */
  readonly minRttMs: number | undefined;
  /** [M16] It came and went again and again: shown as degraded, whatever is claimed. */
  readonly unstable: boolean;
  /** What was noticed of it, by whom and when, oldest first. */
  readonly observations: readonly Observation[];
  readonly foundBy: readonly Provenance[];
}
