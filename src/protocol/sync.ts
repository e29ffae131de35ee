import type { GossipItem } from './gossip-item.ts';
import type { NodeId } from './ids.ts';
import type { MemberState } from './member-update.ts';

/** What the sender holds of one member. */
export interface DigestRow {
  readonly id: NodeId;
  readonly incarnation: number;
  readonly state: MemberState;
  /** Version of the record that is held; 0 none. */
  readonly recordVersion: number;
}

export interface Digest {
  readonly kind: 'digest';
  readonly answerWanted: boolean;
  readonly rows: readonly DigestRow[];
}

export interface Delta {
  readonly kind: 'delta';
  readonly items: readonly GossipItem[];
  /** Nodes of which the sender knows that the receiver has newer [S1]. */
  readonly wanted: readonly NodeId[];
}

export type SyncFrame = Digest | Delta;
