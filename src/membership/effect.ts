import type { DirectoryRecord } from '../protocol/directory-record.ts';
import type { NodeId } from '../protocol/ids.ts';
import type { LoadReport } from '../protocol/load-report.ts';
import type { MemberState } from '../protocol/member-update.ts';
import type { SocketAddress } from '../protocol/socket-address.ts';
import type { Member } from './member.ts';

/** What the membership machine wants done or told, in order. The node drains and performs them at its own pace. */
export type MembershipEffect =
  /** A gossip packet without its envelope, at most `payloadBytesMax` bytes. Losing it is harmless. */
  | { readonly type: 'send'; readonly to: SocketAddress; readonly payload: Uint8Array }
  /** A row is new (`previous` undefined) or changed in anything a reader can see except `rttMs`. */
  | { readonly type: 'changed'; readonly member: Member; readonly previous: MemberState | undefined }
  /** A row was dropped: its tombstone ran out, or it had to make room. */
  | { readonly type: 'forgotten'; readonly id: NodeId }
  /**
   * [M12] Look whether its host and its process answer a stream: a bare TCP connection, and a ping on the link there is, or a
   * new link. What comes of it is put in as evidence.
   */
  | { readonly type: 'stream-probe'; readonly id: NodeId; readonly address: SocketAddress }
  /** Exchange digests with this member over a link ([S4]). Rate-limited per member here. */
  | { readonly type: 'sync'; readonly with: NodeId }
  | { readonly type: 'record'; readonly record: DirectoryRecord; readonly from: NodeId }
  | { readonly type: 'load'; readonly report: LoadReport; readonly from: NodeId }
  /** A peer with no common version ([V2]). Told once per incarnation of it. */
  | {
      readonly type: 'incompatible';
      readonly id: NodeId;
      readonly name: string;
      readonly address: SocketAddress;
      readonly versionOldest: number;
      readonly versionNewest: number;
    }
  /** Own incarnation was raised ([M3]): the node re-issues record, load and beacon under it. */
  | { readonly type: 'incarnation'; readonly incarnation: number };
