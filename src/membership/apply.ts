import { type NodeId, noNode } from '../protocol/ids.ts';
import { integerMax, membersMax } from '../protocol/limits.ts';
import type { MemberCause, MemberUpdate } from '../protocol/member-update.ts';
import type { SocketAddress } from '../protocol/socket-address.ts';
import { commonVersion } from '../protocol/version.ts';
import { viewDigestTerm } from '../protocol/view-digest.ts';
import { approachWhereSaid, claimApproach } from './approach.ts';
import { endProbe } from './end-probe.ts';
import { ownState, worsen } from './health.ts';
import { isBelieved } from './is-believed.ts';
import { isFrozenHere } from './is-frozen-here.ts';
import { liveCount, type Machine, wake } from './machine.ts';
import { type Claim, isLive, mergeClaims, overrides, stateRank } from './merge.ts';
import { addProvenance, isAmong, placeOf, type Row, rowOf, touched, updateOf } from './row.ts';
import { observe, tell } from './shown-state.ts';
import { beginSuspicion, confirmSuspicion, heardAgain, hurry, hush, spread } from './suspicion.ts';

/** How an update came. */
export interface Hearing {
  readonly from: NodeId;
  /** Where the datagram came from; `undefined` for what came by link or was noticed here. */
  readonly source: SocketAddress | undefined;
  readonly way: 'packet' | 'sync' | 'beacon' | 'own';
  /** Collects the rows of which the sender knows less than we: an ack tells it. */
  readonly corrections: Set<Row> | undefined;
  /** So much came at once that the others have it too: it is not passed on. */
  readonly bulk: boolean;
}

/** Peers with no common version that are remembered, so that each is reported once. */
const incompatibleMax = 256;

/** [M1] Takes in what somebody says of a member. */
export function applyUpdate(m: Machine, update: MemberUpdate, hearing: Hearing): void {
  if (update.id === m.self.id) {
    applyToSelf(m, update, hearing);
    return;
  }
  if (commonVersion(update, m.self) === undefined) {
    reportIncompatible(m, update, hearing.source ?? update.addresses[0]);
    return;
  }
  const row = m.table.rows.get(update.id);
  if (row === undefined) introduce(m, update, hearing);
  else revise(m, row, update, hearing);
}

/** Applies what this node itself has found out about a row. */
export function declare(
  m: Machine,
  row: Row,
  state: 'degraded' | 'suspect' | 'dead' | 'left',
  cause: MemberCause | undefined,
): void {
  const hearing: Hearing = { from: m.self.id, source: undefined, way: 'own', corrections: undefined, bulk: false };
  revise(m, row, { ...updateOf(row, m.self.id, cause), state }, hearing);
}

/** [M2] */
export function raiseIncarnation(m: Machine, above: number): void {
  m.self.incarnation = above + 1;
  m.effects.push({ type: 'incarnation', incarnation: m.self.incarnation });
  announceSelf(m);
}

/** Passes on what is new of this node. */
export function announceSelf(m: Machine): void {
  touched(m.self);
  m.self.digestTerm = viewDigestTerm(m.self.id, m.self.incarnation, m.self.recordVersion);
  spread(m, m.self);
  hurry(m);
}

export function reportIncompatible(
  m: Machine,
  peer: Pick<MemberUpdate, 'id' | 'incarnation' | 'name' | 'versionOldest' | 'versionNewest'>,
  address: SocketAddress | undefined,
): void {
  const { id, incarnation, name, versionOldest, versionNewest } = peer;
  const reported = m.incompatible.get(id);
  if (address === undefined || (reported !== undefined && reported >= incarnation)) return;
  if (reported === undefined && m.incompatible.size >= incompatibleMax) return;
  m.incompatible.set(id, incarnation);
  m.effects.push({ type: 'incompatible', id, name, address, versionOldest, versionNewest });
}

/** [M3] What is said of us at our incarnation or above and is not what we are is overridden. */
function applyToSelf(m: Machine, update: MemberUpdate, hearing: Hearing): void {
  const agreed = stateRank(update.state) <= stateRank(m.self.state);
  if (update.incarnation === m.self.incarnation && agreed) return;
  hearing.corrections?.add(m.self);
  if (update.incarnation < m.self.incarnation || update.incarnation >= integerMax) return;
  if (!m.refutationBudget.take(m.time)) return;
  m.counters.refutations++;
  if (isBelieved(m, update.by)) worsen(m);
  ownState(m);
  raiseIncarnation(m, update.incarnation);
}

/**
 * A member that was not known. The dead and the left are not taken in: nobody would miss them, and handed to and fro
 * between those who have forgotten them and those who have not, they would never be forgotten [M8].
 */
function introduce(m: Machine, update: MemberUpdate, hearing: Hearing): void {
  const direct = hearing.from === update.id ? hearing.source : undefined;
  const reachedAt = direct === undefined ? m.bestOf(update.addresses) : placeOf(update.addresses, direct);
  if (!isLive(update.state) || reachedAt === undefined) return;
  if (!m.table.hasRoom()) {
    m.counters.membersRefused++;
    return;
  }
  const row = rowOf(update, reachedAt, m.now);
  const { provenances, wasSeeking, isPinged } = claimApproach(m, row.id, direct);
  for (const provenance of provenances) addProvenance(row, provenance);
  if (row.foundBy.length === 0) {
    const [method, via] = direct === undefined ? (['gossip', hearing.from] as const) : (['introduction', ''] as const);
    addProvenance(row, { method, interface: '', via, at: m.now });
  }
  m.table.add(row);
  if (hearing.way !== 'beacon' && !hearing.bulk) spread(m, row);
  if (row.state === 'suspect') beginSuspicion(m, row);
  tell(m, row, true);
  becameLive(m, row, wasSeeking);
  if (direct === undefined) return;
  // It evidently exists; whether it can be reached there is another question.
  if (!isPinged) probeSoon(m, row);
  approachWhereSaid(m, row);
}

function revise(m: Machine, row: Row, update: MemberUpdate, hearing: Hearing): void {
  const claim = softened(m, row, update, hearing);
  const merged = mergeClaims(row, claim);
  const reborn = merged.incarnation !== row.incarnation;
  const facts = reborn || (row.provisional && hearing.way !== 'beacon' && claim.incarnation === row.incarnation);
  // Of a death the sender is not told: it may be on the other side of a partition that heals, and we behind the time.
  if (overrides(row, claim) && isLive(row.state)) hearing.corrections?.add(row);
  if (!facts && merged.state === row.state && merged.recordVersion === row.recordVersion) {
    if (hearing.way === 'packet' && isSame(row, claim)) heardAgain(m, row, update.by);
    if (claim.state === 'suspect' && claim.incarnation === row.incarnation)
      confirmSuspicion(m, row, update.by, update.cause);
    if (claim.state === 'degraded' && claim.incarnation === row.incarnation) hearFrozen(m, row, update);
    return;
  }
  if (!isLive(row.state) && isLive(merged.state) && !m.table.hasRoom()) {
    m.counters.membersRefused++;
    return;
  }
  const { state, name, recordVersion } = row;
  if (facts) takeFacts(m, row, update, hearing);
  Object.assign(row, merged);
  if (reborn || row.state !== state) {
    row.by = update.by;
    row.cause = row.state === 'alive' || row.state === 'left' ? undefined : update.cause;
  }
  if (row.state !== state) row.since = m.now;
  if (reborn) row.renewedAt = m.time;
  const retold = facts || merged.recordVersion !== recordVersion;
  touched(row);
  m.table.reindex(row, state, name);
  if (hearing.way !== 'beacon' && !hearing.bulk) spread(m, row);
  // What was asked of its former life is no question any more.
  if (reborn || !isLive(row.state)) endProbe(m, m.probeOf.get(row.id));
  if (reborn || row.state !== state) settle(m, row, state);
  tell(m, row, retold);
}

/** [M15] A suspect whose host answers somebody else. */
function hearFrozen(m: Machine, row: Row, { by, cause }: MemberUpdate): void {
  if (row.state !== 'suspect' || cause !== 'frozen' || by === m.self.id || !isBelieved(m, by)) return;
  row.calledFrozenAt = m.time;
  tell(m, row, false);
}

function isSame(row: Row, claim: Claim): boolean {
  return (
    claim.incarnation === row.incarnation && claim.state === row.state && claim.recordVersion === row.recordVersion
  );
}

/**
 * By synchronisation the word of a death may be an old one from the other side of a partition. It is heard as a suspicion,
 * so that the healing of a partition does not kill those who are well [M8].
 */
function softened(m: Machine, row: Row, update: MemberUpdate, hearing: Hearing): Claim {
  const { incarnation, recordVersion } = update;
  // [M13] So is the word of one who has not heard the member for long, where it was heard here a moment ago.
  const heard = m.time - row.heardAt < m.timing.probeDeadlineMs || isFrozenHere(m, row);
  const doubted = (heard && update.cause !== 'refused') || !isBelieved(m, update.by);
  const other = hearing.way === 'sync' || (hearing.way === 'packet' && doubted);
  const doubtful = other && update.state === 'dead' && isLive(row.state);
  return { incarnation, recordVersion, state: doubtful ? 'suspect' : update.state };
}

function takeFacts(m: Machine, row: Row, update: MemberUpdate, hearing: Hearing): void {
  row.name = update.name;
  row.versionOldest = update.versionOldest;
  row.versionNewest = update.versionNewest;
  row.provisional = hearing.way === 'beacon';
  const direct = hearing.from === update.id ? hearing.source : undefined;
  const addresses = update.addresses.length > 0 || direct === undefined ? update.addresses : [direct];
  if (addresses.length === 0 || sameAddresses(addresses, row.addresses)) return;
  row.addresses = addresses;
  if (direct === undefined && isAmong(addresses, row.reachedAt)) return;
  row.reachedAt = direct === undefined ? (m.bestOf(addresses) ?? row.reachedAt) : placeOf(addresses, direct);
  row.reached = false;
  probeSoon(m, row);
}

/** So many, on the average, ask one that is back what it takes them for. */
const welcomers = 8;

/** All that hangs on a row's state follows it. */
function settle(m: Machine, row: Row, previous: Row['state']): void {
  if (row.state !== previous) hurry(m);
  remark(m, row, previous);
  m.suspicions.delete(row.id);
  if (row.state === 'suspect') beginSuspicion(m, row);
  if (isLive(row.state) && !isLive(previous)) {
    row.backAt = m.time;
    becameLive(m, row, false);
    // It may hold this node for dead as well, and is told so at once.
    if (m.random() < welcomers / liveCount(m)) probeSoon(m, row);
  }
  if (isLive(row.state)) return;
  m.due.delete(row.id);
  // With nobody to tell, news grows old; told to those who come back after a partition it would be false.
  if (m.table.live.length === 0) for (const id of m.table.rows.keys()) hush(m, id);
  if (m.table.count('dead') + m.table.count('left') > membersMax) forget(m, m.table.oldestTombstone());
  if (row.state !== 'dead') return;
  m.diedAt = m.time;
  wake(m, Math.max(m.time, m.nextDeadProbeAt));
}

export function forget(m: Machine, row: Row | undefined): void {
  if (row === undefined) return;
  m.table.remove(row);
  hush(m, row.id);
  m.effects.push({ type: 'forgotten', id: row.id });
}

/** What others said of it, or it of itself, is an observation too. */
function remark(m: Machine, row: Row, previous: Row['state']): void {
  if (row.by === noNode || (row.by === m.self.id && row.state !== 'dead')) return;
  if (row.state === 'left') observe(m, row, 'said-goodbye', row.by);
  else if (row.state === 'alive') {
    if (previous !== 'alive') observe(m, row, 'refuted', row.id);
  } else if (row.by === row.id) observe(m, row, 'stalled', row.id);
  else observe(m, row, `called-${row.state}`, row.by);
}

function becameLive(m: Machine, row: Row, wasSeeking: boolean): void {
  if (!row.inRound) m.round.add(row);
  row.inRound = true;
  wake(m, m.nextProbeAt);
  if (m.table.live.length > 1) return;
  // [S4] The first one met, unless it knew nobody a moment ago either.
  m.syncedAt = m.time;
  if (!wasSeeking) m.effects.push({ type: 'sync', with: row.id });
}

function probeSoon(m: Machine, row: Row): void {
  if (!m.due.has(row.id)) m.due.set(row.id, 'soon');
  wake(m, m.time);
}

function sameAddresses(a: readonly SocketAddress[], b: readonly SocketAddress[]): boolean {
  return a.length === b.length && a.every((it, i) => it.address === b[i]?.address && it.port === b[i]?.port);
}
