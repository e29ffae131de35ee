import type { DirectoryRecord } from './directory-record.ts';
import type { LoadReport } from './load-report.ts';
import type { MemberUpdate } from './member-update.ts';

/** An item as its meaning. */
export type GossipItem =
  | { readonly type: 'member'; readonly update: MemberUpdate }
  | { readonly type: 'record'; readonly record: DirectoryRecord }
  | { readonly type: 'load'; readonly report: LoadReport };
