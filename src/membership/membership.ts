import type { GossipItem } from '../protocol/gossip-item.ts';
import type { GossipPacket } from '../protocol/gossip-packet.ts';
import type { NodeId } from '../protocol/ids.ts';
import type { RawItem } from '../protocol/raw-item.ts';
import type { SocketAddress } from '../protocol/socket-address.ts';
import type { Candidate } from './candidate.ts';
import type { MembershipEffect } from './effect.ts';
import type { Member } from './member.ts';
import type { MembershipTiming } from './timing.ts';

/**
 * What a link, a dial or a caller noticed of a member ([M11], [M12]). `heard`: any frame arrived from it. `leaving`: it said
 * goodbye on a link. `refused`: its host answers, its port is closed. `accepted`: its host completes a handshake; whether
 * the process lives is open.
 */
export type MembershipEvidence = 'link-up' | 'link-lost' | 'unreachable' | 'heard' | 'leaving' | 'refused' | 'accepted';

/** Who this node is at its start. */
export interface MembershipSelf {
  readonly id: NodeId;
  readonly name: string;
  /** [M2] Wall time in milliseconds at the start. */
  readonly incarnation: number;
  /** Most useful first, at most 8. */
  readonly addresses: readonly SocketAddress[];
  readonly versionOldest: number;
  readonly versionNewest: number;
}

export interface MembershipConfig {
  readonly self: MembershipSelf;
  readonly timing: MembershipTiming;
  /** Uniform in [0, 1). The machine has no other source of chance. */
  readonly random: () => number;
  /** Monotonic milliseconds, as everywhere below. Never goes back. */
  readonly now: number;
  /** Which of somebody's addresses is likeliest to lead there from here. Default: the first, as its owner would have it. */
  readonly bestOf?: (addresses: readonly SocketAddress[]) => SocketAddress | undefined;
  /** Where this node is for itself as long as it has no address for others. Default: nowhere. */
  readonly home?: SocketAddress;
}

/** Figures for metrics. All but the first six only grow. */
export interface MembershipCounts {
  /** Rows by state, this node excluded. */
  readonly alive: number;
  readonly degraded: number;
  readonly suspect: number;
  readonly dead: number;
  readonly left: number;
  /** Updates and items waiting to be passed on. */
  readonly queued: number;
  readonly probes: number;
  /** Probes that ended without any ack. */
  readonly probesFailed: number;
  /** Ticks so late that running probes were restarted instead of failed. */
  readonly lateTicks: number;
  /** Own incarnations raised to refute others. */
  readonly refutations: number;
  /** Newcomers refused because the table was full ([M10]). */
  readonly membersRefused: number;
  /** [M14] 0 well, 8 worst: this node's own timers are stretched by so much. */
  readonly health: number;
  /** Share of first pings without an ack although the member is there, smoothed: 0 to 1. */
  readonly unanswered: number;
  /** Candidates not pinged because there were too many at once. */
  readonly candidatesRefused: number;
}

/**
 * The SWIM machine of one node: who is there and who is alive. It neither waits nor sends: every input takes the time, and
 * what is to be done comes out of `drain`. SWIM: Das, Gupta, Motivala (DSN 2002); Lifeguard: Dadgar, Phillips, Currey (2017).
 */
export interface Membership {
  /** Somebody may be there. An unknown one is pinged at once, within a bounded rate; it is a member when it has answered. */
  candidate(candidate: Candidate, now: number): void;
  packet(packet: GossipPacket, from: SocketAddress, now: number): void;
  /** Items that came another way than by datagram: a sync delta. */
  items(items: readonly GossipItem[], from: NodeId, now: number): void;
  evidence(id: NodeId, kind: MembershipEvidence, now: number): void;
  setAddresses(addresses: readonly SocketAddress[], now: number): void;
  setRecordVersion(version: number, now: number): void;
  /** [M18] Other times from now on; what is under way keeps its own. */
  setTiming(timing: MembershipTiming, now: number): void;
  /**
   * Piggybacks a record or load item on coming packets; a newer one under the same key takes the place of the older. To be
   * called for own items and for those of others that were news here: each node passes an item on so often [M6], and only
   * all together reach all. What `presses` goes out in packets of its own, too ([M6]).
   */
  disseminate(key: string, item: RawItem, presses: boolean): void;
  /** [M7] Says goodbye. The effects then hold the packets; the machine is silent afterwards. */
  leave(now: number): void;
  /** To be called at or after `nextTickAt()`. */
  tick(now: number): void;
  /** Monotonic milliseconds; `Infinity` once it has left, and while it is alone and waits for nothing. */
  nextTickAt(): number;
  /** Effects since the last drain, in order. */
  drain(): MembershipEffect[];
  self(): Member;
  get(id: NodeId): Member | undefined;
  /** The name of a row, this node's own included: cheaper than to `get` it all. */
  nameOf(id: NodeId): string | undefined;
  /** All rows but this node's own, the dead and the left included. */
  members(): Iterable<Member>;
  /** The row with this name; of several, the liveliest and then the newest. This node's own included. */
  byName(name: string): Member | undefined;
  counts(): MembershipCounts;
  /** [M9] This node included. */
  viewDigest(): number;
}
