import type { NodeId } from './ids.ts';
import type { SocketAddress } from './socket-address.ts';

/** What is believed of a member, in the order in which one overrides another at the same incarnation [M1]. */
export const memberStates = ['alive', 'degraded', 'suspect', 'dead', 'left'] as const;

export type MemberState = (typeof memberStates)[number];

/** One row of the membership table as it is told to others. */
export interface MemberUpdate {
  readonly id: NodeId;
  readonly incarnation: number;
  readonly state: MemberState;
  readonly versionOldest: number;
  readonly versionNewest: number;
  /** Version of the newest directory record that is known to exist of this member [R2]. */
  readonly recordVersion: number;
  /** The node that says so; independent accusers shorten a suspicion [M5]. `noNode` where it is not known. */
  readonly by: NodeId;
  readonly name: string;
  /** Most useful first, at most `addressesMax`. Never with a scope. */
  readonly addresses: readonly SocketAddress[];
}
