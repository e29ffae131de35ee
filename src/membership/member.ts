import type { NodeId } from '../protocol/ids.ts';
import type { MemberState } from '../protocol/member-update.ts';
import type { SocketAddress } from '../protocol/socket-address.ts';
import type { Provenance } from './provenance.ts';

/** A row of the membership table, as others may see it: a snapshot, never changed after it was handed out. */
export interface Member {
  readonly id: NodeId;
  readonly name: string;
  readonly incarnation: number;
  readonly state: MemberState;
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
  readonly foundBy: readonly Provenance[];
}
