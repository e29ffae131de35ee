import type { DirectoryRecord } from './directory-record.ts';
import type { LoadReport } from './load-report.ts';
import type { MemberUpdate } from './member-update.ts';

/** Numbers of the item types on the wire. */
export const ItemType = { member: 1, record: 2, load: 3 } as const;

/** An item as bytes: what can be packed by size and passed on without being decoded. */
export interface Item {
  readonly type: number;
  readonly bytes: Uint8Array;
}

/** An item as its meaning. */
export type GossipItem =
  | { readonly type: 'member'; readonly update: MemberUpdate }
  | { readonly type: 'record'; readonly record: DirectoryRecord }
  | { readonly type: 'load'; readonly report: LoadReport };
