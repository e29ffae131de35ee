import { encodeItem } from '../protocol/gossip-item.ts';
import type { NodeId } from '../protocol/ids.ts';
import type { MemberCause, MemberState, MemberUpdate } from '../protocol/member-update.ts';
import type { RawItem } from '../protocol/raw-item.ts';
import type { SocketAddress } from '../protocol/socket-address.ts';
import { type Flapping, steady } from './damping.ts';
import type { Member } from './member.ts';
import type { Observation } from './observation.ts';
import type { Provenance } from './provenance.ts';

/** Weight of the latest round trip in the smoothed one (as TCP: RFC 6298). */
const rttGain = 1 / 8;

/** A longer round trip moves the shortest by so much only: mostly it is the host that was slow, not the way that got longer. */
const minRttGain = 1 / 16;

/** A member as the machine holds it. Whoever changes what others can see calls `touched`. */
export interface Row {
  readonly id: NodeId;
  name: string;
  incarnation: number;
  state: MemberState;
  /** Who said so. */
  by: NodeId;
  /** Why. */
  cause: MemberCause | undefined;
  versionOldest: number;
  versionNewest: number;
  recordVersion: number;
  addresses: readonly SocketAddress[];
  reachedAt: SocketAddress;
  /** It has answered at `reachedAt`. Before, it may not know this node either. */
  reached: boolean;
  since: number;
  rttMs: number | undefined;
  minRttMs: number | undefined;
  foundBy: readonly Provenance[];
  /** Its name and addresses are only what a beacon told; its own item replaces them. */
  provisional: boolean;
  /** It is in the round of probes. */
  inRound: boolean;
  /** Place among the live rows, -1 when it is not live. */
  liveIndex: number;
  /** What it adds to the view digest, 0 when it is not live. */
  digestTerm: number;
  /** Machine time when it was last heard itself, directly or by a helper. */
  heardAt: number;
  /** Machine time of the last handshake of its host with nothing behind it, and of the first of them; `Infinity`: it was heard since. */
  acceptedAt: number;
  frozenSince: number;
  /** Machine time when another, who is believed, called it frozen while it is suspect. */
  calledFrozenAt: number;
  /** When this node lost it, nobody else answered either. */
  lostAlone: boolean;
  /** Machine time when it came back from the dead. */
  backAt: number;
  /** Machine time when its incarnation rose, while it was known here. */
  renewedAt: number;
  observations: readonly Observation[];
  /** What would be shown without damping, and since when; `undefined` before it was first told. */
  plain: MemberState | undefined;
  plainSince: number;
  shown: MemberState | undefined;
  shownSince: number;
  flapping: Flapping;
  snapshot: Member | undefined;
  item: RawItem | undefined;
}

/** Ways of finding one member that are remembered: every method on a few interfaces. */
const foundByMax = 16;

export function rowOf(update: MemberUpdate, reachedAt: SocketAddress, now: number): Row {
  const { id, name, incarnation, state, by, versionOldest, versionNewest, recordVersion, addresses, cause } = update;
  return {
    id,
    name,
    incarnation,
    state,
    by,
    cause,
    versionOldest,
    versionNewest,
    recordVersion,
    reachedAt,
    addresses: addresses.length > 0 ? addresses : [reachedAt],
    reached: false,
    since: now,
    rttMs: undefined,
    minRttMs: undefined,
    foundBy: [],
    provisional: false,
    inRound: false,
    liveIndex: -1,
    digestTerm: 0,
    heardAt: Number.NEGATIVE_INFINITY,
    acceptedAt: Number.NEGATIVE_INFINITY,
    frozenSince: Number.POSITIVE_INFINITY,
    calledFrozenAt: Number.NEGATIVE_INFINITY,
    lostAlone: false,
    backAt: Number.NEGATIVE_INFINITY,
    renewedAt: Number.NEGATIVE_INFINITY,
    observations: [],
    plain: undefined,
    plainSince: now,
    shown: undefined,
    shownSince: now,
    flapping: steady,
    snapshot: undefined,
    item: undefined,
  };
}

export function touched(row: Row): void {
  row.snapshot = undefined;
  row.item = undefined;
}

export function snapshotOf(row: Row): Member {
  if (row.snapshot !== undefined) return row.snapshot;
  const { id, name, incarnation, state: claimed, addresses, reachedAt, cause, shown, shownSince } = row;
  const { versionOldest, versionNewest, recordVersion, rttMs, minRttMs, observations, foundBy } = row;
  row.snapshot = {
    id,
    name,
    incarnation,
    state: shown ?? claimed,
    claimed,
    cause,
    addresses,
    reachedAt,
    versionOldest,
    versionNewest,
    recordVersion,
    since: shownSince,
    rttMs,
    minRttMs,
    unstable: row.flapping.damped,
    observations,
    foundBy,
  };
  return row.snapshot;
}

/** A ping was answered after so long, and had not been repeated. */
export function noteRoundTrip(row: Row, rtt: number): void {
  const { rttMs = rtt, minRttMs = rtt } = row;
  row.rttMs = rttMs + (rtt - rttMs) * rttGain;
  row.minRttMs = rtt < minRttMs ? rtt : minRttMs + (rtt - minRttMs) * minRttGain;
  row.snapshot = undefined;
}

/** What is passed on about the row, encoded once for all packets. */
export function itemOf(row: Row): RawItem {
  row.item ??= encodeItem({ type: 'member', update: updateOf(row, row.by, row.cause) });
  return row.item;
}

export function updateOf(row: Row, by: NodeId, cause: MemberCause | undefined): MemberUpdate {
  const { id, name, incarnation, state, versionOldest, versionNewest, recordVersion, addresses } = row;
  return { id, name, incarnation, state, by, versionOldest, versionNewest, recordVersion, addresses, cause };
}

/** Returns whether it is a way that was not known. */
export function addProvenance(row: Row, provenance: Provenance): boolean {
  if (row.foundBy.length >= foundByMax) return false;
  const { method, interface: name, via } = provenance;
  const known = row.foundBy.some((it) => it.method === method && it.interface === name && it.via === via);
  if (known) return false;
  row.foundBy = [...row.foundBy, provenance];
  row.snapshot = undefined;
  return true;
}

export function isAmong(addresses: readonly SocketAddress[], { address, port }: SocketAddress): boolean {
  return addresses.some((it) => it.address === address && it.port === port);
}

/** What to try beside `reachedAt`, which has been silent: one of the others, or each while none has ever answered. */
export function otherAddresses(row: Row, random: () => number): readonly SocketAddress[] {
  const { address, port } = row.reachedAt;
  const others = row.addresses.filter((it) => it.address !== address || it.port !== port);
  if (!row.reached) return others;
  const one = others[Math.floor(random() * others.length)];
  return one === undefined ? [] : [one];
}

/**
 * Where somebody is reached who was heard from `source`. Behind a translation of addresses the port there is not the one
 * others get in by; the one it says itself is.
 */
export function placeOf(addresses: readonly SocketAddress[], source: SocketAddress): SocketAddress {
  if (isAmong(addresses, source)) return source;
  return addresses.find((it) => it.address === source.address) ?? source;
}
