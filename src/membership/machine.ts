import { ByteCopies } from '../protocol/byte-copies.ts';
import type { NodeId } from '../protocol/ids.ts';
import { payloadBytesMax } from '../protocol/limits.ts';
import type { SocketAddress } from '../protocol/socket-address.ts';
import { viewDigestTerm } from '../protocol/view-digest.ts';
import { Writer } from '../protocol/writer.ts';
import { createDissemination, type Dissemination } from './dissemination.ts';
import type { MembershipEffect } from './effect.ts';
import type { MembershipConfig } from './membership.ts';
import type { Provenance } from './provenance.ts';
import { createRound, type Round } from './round.ts';
import { type Row, rowOf } from './row.ts';
import { createMemberTable, type MemberTable } from './table.ts';
import type { MembershipTiming } from './timing.ts';
import { createTokenBucket, type TokenBucket } from './token-bucket.ts';

/** A ping of a member on its way. At most one per member. */
export interface Probe {
  readonly row: Row;
  readonly sequence: number;
  readonly startedAt: number;
  /** When others are asked, for the first time or again. */
  helpAt: number;
  deadlineAt: number;
  /** How often the ping was repeated: then its round trip says nothing any more. */
  repeats: number;
  /** How many were asked, and how many of them said that they have no answer either. */
  asked: number;
  nacks: number;
  /** [M12] What the stream probe came to. */
  stream: 'refused' | 'accepted' | undefined;
  /** [M15] When a process whose host completed a handshake has had its time, if a helper has none of it either. */
  frozenAt: number | undefined;
}

/** A ping for somebody else [M4]. */
export interface Relay {
  readonly target: NodeId;
  readonly origin: NodeId;
  readonly originAddress: SocketAddress;
  readonly originSequence: number;
  readonly nackAt: number;
  readonly endsAt: number;
  nacked: boolean;
}

/** An address where somebody unknown may be, being pinged. */
export interface Approach {
  readonly key: string;
  readonly address: SocketAddress;
  /** `noNode` as long as nobody knows who is there. */
  id: NodeId;
  readonly provenances: Provenance[];
  readonly sequence: number;
  /** [S4] What was heard of it last said that it knows nobody. */
  seeking: boolean;
  /** Somebody answered there, or the address was given by the operator: it may be sent more than it sent us [D3]. */
  trusted: boolean;
  /** Until then a ping there is no longer than this. */
  bytesMax: number;
  /** Who is there has become a member meanwhile; the ping under way shows whether it is reached there. */
  met: boolean;
  tries: number;
  /** [M19] How often its first ping was put off because others came, and how many were live then. */
  holds: number;
  liveBefore: number;
  nextAt: number;
}

/** A running suspicion [M5]. */
export interface Suspicion {
  startedAt: number;
  /** Those who found so themselves and were believed; nobody where it is hearsay [M13]. */
  readonly accusers: Set<NodeId>;
  /** Those of them who found its port closed: the process is gone. */
  readonly refused: Set<NodeId>;
  /** It does not end before: something spoke for the member a moment ago. */
  heldUntil: number;
  /** [M5] This node has looked for itself before its end, since few others had. */
  looked: boolean;
}

/** How soon a member is to be probed out of turn, and with how much patience; `last`: before it is called dead. */
export type Urgency = 'soon' | 'witness' | 'quick' | 'last';

export interface Counters {
  probes: number;
  probesFailed: number;
  lateTicks: number;
  refutations: number;
  membersRefused: number;
  candidatesRefused: number;
}

/**
 * All state of one membership machine. `time` is the machine's own time: that of the caller less all that it was late (its
 * process frozen, its host overloaded), so that no deadline runs while nobody could have noticed an answer.
 */
export interface Machine {
  timing: MembershipTiming;
  readonly random: () => number;
  readonly bestOf: (addresses: readonly SocketAddress[]) => SocketAddress | undefined;
  /** This node's own row; never in the table. */
  readonly self: Row;
  readonly table: MemberTable;
  readonly news: Dissemination;
  readonly round: Round<Row>;
  readonly probes: Map<number, Probe>;
  readonly probeOf: Map<NodeId, Probe>;
  readonly relays: Map<number, Relay>;
  readonly approaches: Map<string, Approach>;
  readonly approachBySequence: Map<number, Approach>;
  readonly suspicions: Map<NodeId, Suspicion>;
  /** Suspicion times by number of confirmations, for as many as were live when they were worked out. */
  suspicionTimes: { readonly live: number; readonly timing: MembershipTiming; readonly ms: readonly number[] };
  /** Members to be probed out of turn, at the next tick. */
  readonly due: Map<NodeId, Urgency>;
  /** [M16] Shown as degraded because they came and went. */
  readonly damped: Set<Row>;
  /** Ids and incarnations already reported as incompatible. */
  readonly incompatible: Map<NodeId, number>;
  readonly beaconBudget: TokenBucket;
  readonly refutationBudget: TokenBucket;
  readonly counters: Counters;
  readonly writer: Writer;
  /** Where packets lie until they are sent. */
  readonly copies: ByteCopies;
  /** Where the count of items lies in the packet being written. */
  countAt: number;
  effects: MembershipEffect[];
  sequence: number;
  left: boolean;
  /** There is something to send, and it is not known what time it is. */
  hurried: boolean;
  /** Exchanges running in which the other's view differed [G4]. */
  differing: number;
  now: number;
  time: number;
  lostMs: number;
  /** Machine time when anybody was heard last, and when a member died last. */
  heardAt: number;
  diedAt: number;
  /** [M14] Lifeguard's local health: 0 well, 8 worst. */
  health: number;
  /** [M15] When this node last did not run for a while (machine time) and for how long; the ends of the latest stalls (caller's). */
  stall: { readonly endedAt: number; readonly ms: number } | undefined;
  stalls: readonly number[];
  degradedUntil: number;
  /** Share of probes whose first ping stayed without an ack, although the member is there; smoothed. */
  unanswered: number;
  /** The next routine probe goes to the next on the ring of ids. */
  ringTurn: boolean;
  /** Views were found to differ since the last synchronisation. */
  differed: boolean;
  wakeAt: number;
  nextProbeAt: number;
  nextGossipAt: number;
  /** Urgent news does not wait for the next gossip, but is not sent oftener than this allows. */
  nextUrgentAt: number;
  nextDeadProbeAt: number;
  nextSyncAt: number;
  nextSweepAt: number;
  syncedAt: number;
}

/** New peers per second that beacons can make this node ping, and news that they can bring: a storm of 100 starts passes. */
const beaconsPerSecond = 64;
const beaconsBurst = 128;

/** Own incarnations raised per second: more is not refutation but somebody's war on us, and would flood all others. */
const refutationsPerSecond = 4;
const refutationsBurst = 16;

function first(addresses: readonly SocketAddress[]): SocketAddress | undefined {
  return addresses[0];
}

const nowhere: SocketAddress = { address: '127.0.0.1', port: 1 };

export function createMachine(config: MembershipConfig): Machine {
  const { self, timing, random, now, bestOf = first, home = nowhere } = config;
  const here = self.addresses[0] ?? home;
  const row = rowOf({ ...self, state: 'alive', recordVersion: 0, by: self.id, cause: undefined }, here, now);
  row.shown = row.plain = 'alive';
  row.addresses = self.addresses;
  row.digestTerm = viewDigestTerm(row.id, row.incarnation, row.recordVersion);
  return {
    timing,
    random,
    bestOf,
    self: row,
    now,
    time: now,
    table: createMemberTable(),
    news: createDissemination(),
    round: createRound(random),
    probes: new Map(),
    probeOf: new Map(),
    relays: new Map(),
    approaches: new Map(),
    approachBySequence: new Map(),
    suspicions: new Map(),
    suspicionTimes: { live: 0, timing, ms: [] },
    due: new Map(),
    damped: new Set(),
    incompatible: new Map(),
    beaconBudget: createTokenBucket(beaconsPerSecond, beaconsBurst),
    refutationBudget: createTokenBucket(refutationsPerSecond, refutationsBurst),
    counters: { probes: 0, probesFailed: 0, lateTicks: 0, refutations: 0, membersRefused: 0, candidatesRefused: 0 },
    writer: new Writer(payloadBytesMax),
    copies: new ByteCopies(),
    countAt: -1,
    effects: [],
    sequence: Math.floor(random() * 2 ** 32),
    left: false,
    hurried: false,
    differing: 0,
    lostMs: 0,
    heardAt: now,
    diedAt: Number.NEGATIVE_INFINITY,
    health: 0,
    unanswered: 0,
    ringTurn: random() < 0.5,
    stall: undefined,
    stalls: [],
    degradedUntil: Number.NEGATIVE_INFINITY,
    differed: false,
    wakeAt: now,
    // Nodes that start together must not probe in step for ever.
    nextProbeAt: now + random() * timing.probeIntervalMs,
    nextGossipAt: now,
    nextUrgentAt: now,
    nextDeadProbeAt: now + random() * timing.deadProbeIntervalMs,
    nextSyncAt: now + (0.8 + 0.4 * random()) * timing.syncIntervalMs,
    nextSweepAt: now,
    syncedAt: -Infinity,
  };
}

/**
 * The machine wants to be ticked at this machine time or before. What is due already is due now: to `advance` a time that
 * has passed would look as if this node had not run since.
 */
export function wake(m: Machine, at: number): void {
  if (at < m.wakeAt) m.wakeAt = Math.min(m.wakeAt, Math.max(at, m.time));
}

export function nextSequence(m: Machine): number {
  m.sequence = (m.sequence + 1) >>> 0;
  return m.sequence;
}

/** Live members, this node included. */
export function liveCount(m: Machine): number {
  return m.table.live.length + 1;
}

export function viewDigest(m: Machine): number {
  return (m.table.digest() ^ (m.left ? 0 : m.self.digestTerm)) >>> 0;
}
