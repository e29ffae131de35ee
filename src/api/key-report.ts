import type { MemberState } from '../protocol/member-update.ts';

/** What a step with keys came to, node by node: `fogata key list --json` and the others. Ids only, never keys. */
export interface KeyReport {
  readonly cluster: string;
  /** The key this node seals with. */
  readonly inUse: string;
  /** This node's ring, oldest first. */
  readonly keys: readonly { readonly id: string; readonly madeAt: string }[];
  /** Whom the step was about; null when the ring was only listed. */
  readonly key: string | null;
  /** False: it was not begun, because of the stragglers. */
  readonly done: boolean;
  readonly nodes: readonly NodeKeys[];
}

/** The ring of one node, and what it did. */
export interface NodeKeys {
  readonly id: string;
  readonly node: string;
  readonly state: MemberState;
  /** Null when it did not say. */
  readonly keys: readonly string[] | null;
  readonly inUse: string | null;
  /** `straggler`: it did not do it, or would be shut out by it. `excluded`: it was not to take part. */
  readonly result: 'listed' | 'added' | 'used' | 'removed' | 'straggler' | 'excluded';
  /** Why it is a straggler; else empty. */
  readonly reason: string;
}

/** `fogata invite --json`. */
export interface InvitationView {
  readonly token: string;
  readonly cluster: string;
  readonly expiresAt: string;
  readonly uses: number;
  /** Where who joins will ask. */
  readonly addresses: readonly string[];
}
