import { type NodeId, noNode } from '../protocol/ids.ts';
import { formatSocketAddress, type SocketAddress } from '../protocol/socket-address.ts';
import type { Candidate } from './candidate.ts';
import { type Approach, type Machine, nextSequence, wake } from './machine.ts';
import { sendFirstPing } from './packets.ts';
import type { Provenance } from './provenance.ts';
import { isAmong, type Row } from './row.ts';

/** Addresses being pinged at a time: bounds the memory that forged beacons cost. */
const approachesMax = 256;

/** Ways of finding one address that are kept until it has answered. */
const provenancesMax = 16;

/** Pings of a trusted address, with pauses of 1, 2, 4 and 8 probe timeouts. One heard by beacon gets one for each beacon. */
const triesMax = 4;

/**
 * [M19] Whoever knows so many others, or is pinging so many strangers, hears of a newcomer by gossip in a moment: where many
 * heard each other at once, nearly all their pings would be for nothing. Fewer are quicker by pings alone.
 */
const acquaintedMin = 10;

/** Times that it is put off once more, since meanwhile others were heard of: it may come with the next ones. */
const holdsMax = 6;

/** So many more, at least: a tenth. */
const growthMin = 1.1;

/** Pings an address where somebody unknown may be. */
export function approach(m: Machine, candidate: Candidate): void {
  const { address, provenance, beacon, beaconBytes } = candidate;
  const key = formatSocketAddress(address);
  const known = m.approaches.get(key);
  if (known !== undefined) {
    if (known.provenances.length < provenancesMax) known.provenances.push(provenance);
    known.seeking = beacon?.seeking ?? known.seeking;
    if (beacon === undefined && known.trusted) beginAnew(m, known);
    return;
  }
  const trusted = beacon === undefined;
  if (m.approaches.size >= approachesMax || (!trusted && !m.beaconBudget.take(m.time))) {
    m.counters.candidatesRefused++;
    return;
  }
  const inMs = trusted ? 0 : holdMs(m, beacon.node);
  const bytesMax = trusted ? Number.POSITIVE_INFINITY : beaconBytes;
  const it = begin(m, key, address, beacon?.node ?? noNode, [provenance], bytesMax, inMs);
  it.seeking = beacon?.seeking ?? false;
}

/** How long an address that was heard by beacon is not pinged yet. */
function holdMs(m: Machine, id: NodeId): number {
  const row = m.table.rows.get(id);
  // Of one that was known before only it can tell what it is now.
  if (row !== undefined) return 0;
  let strangers = 0;
  for (const it of m.approaches.values()) {
    // It is being pinged where it was heard first.
    if (it.id === id) return m.timing.probeTimeoutMs;
    if (it.tries > 0 && it.id !== noNode && !m.table.rows.has(it.id)) strangers++;
  }
  return m.table.live.length + strangers < acquaintedMin ? 0 : spreadHoldMs(m);
}

/** One to two probe timeouts, lest all ping it together. */
function spreadHoldMs(m: Machine): number {
  return m.timing.probeTimeoutMs * (1 + m.random());
}

/** Whether it is not to be pinged for the first time yet. */
function putOff(m: Machine, it: Approach): boolean {
  const live = m.table.live.length;
  if (it.tries > 0 || it.holds >= holdsMax || live < acquaintedMin || live < it.liveBefore * growthMin) return false;
  it.holds++;
  it.liveBefore = live;
  it.nextAt = m.time + spreadHoldMs(m);
  return true;
}

/** Who was heard at an address it does not say, as a link-local one, is pinged where it says it is: that lasts longer. */
export function approachWhereSaid(m: Machine, row: Row): void {
  const best = isAmong(row.addresses, row.reachedAt) ? undefined : m.bestOf(row.addresses);
  if (best === undefined || m.approaches.size >= approachesMax) return;
  const key = formatSocketAddress(best);
  if (!m.approaches.has(key)) begin(m, key, best, row.id, [], Number.POSITIVE_INFINITY, 0);
}

function begin(
  m: Machine,
  key: string,
  address: SocketAddress,
  id: NodeId,
  provenances: Provenance[],
  bytesMax: number,
  inMs: number,
): Approach {
  const sequence = nextSequence(m);
  const held = { holds: 0, liveBefore: Math.max(1, m.table.live.length), nextAt: m.time + inMs };
  const trusted = bytesMax === Number.POSITIVE_INFINITY;
  const known = { key, address, id, provenances, sequence, trusted, bytesMax };
  const added = { ...known, seeking: false, met: false, tries: 0, ...held };
  m.approaches.set(key, added);
  m.approachBySequence.set(sequence, added);
  if (inMs > 0) wake(m, added.nextAt);
  else knock(m, added);
  return added;
}

/** Who looks there again has waited as long as he wants to: the pauses that have grown since are not his. */
function beginAnew(m: Machine, it: Approach): void {
  it.tries = 0;
  it.nextAt = Math.min(it.nextAt, m.time + m.timing.probeTimeoutMs);
  wake(m, it.nextAt);
}

/** Pings again those that have not answered; gives up those that never do. */
export function continueApproaches(m: Machine): void {
  for (const it of m.approaches.values()) {
    if (it.nextAt > m.time || putOff(m, it)) continue;
    if (it.met) probeInstead(m, it);
    else if (it.tries >= (it.trusted ? triesMax : 1)) endApproach(m, it);
    else knock(m, it);
  }
}

/** The ping that was under way when it became a member has stayed without an ack. */
function probeInstead(m: Machine, it: Approach): void {
  endApproach(m, it);
  if (m.table.rows.get(it.id)?.reached === false && !m.due.has(it.id)) m.due.set(it.id, 'soon');
}

/** Somebody unknown is there: now it may be told who asks, at whatever length. */
export function answered(m: Machine, it: Approach, id: NodeId): void {
  if (it.trusted && it.id === id) return;
  it.trusted = true;
  it.bytesMax = Number.POSITIVE_INFINITY;
  it.id = id;
  it.tries = 0;
  knock(m, it);
}

/** What came of looking for a new member. */
interface Claim {
  readonly provenances: readonly Provenance[];
  /** It knew nobody a moment ago. */
  readonly wasSeeking: boolean;
  /** It is being pinged at that address already. */
  readonly isPinged: boolean;
}

/** How a new member was found, and the end of looking for it, but for the ping that is under way to that address. */
export function claimApproach(m: Machine, id: NodeId, address: SocketAddress | undefined): Claim {
  const provenances: Provenance[] = [];
  let wasSeeking = false;
  let isPinged = false;
  const key = address === undefined ? '' : formatSocketAddress(address);
  for (const it of m.approaches.values()) {
    if (it.id !== id && it.key !== key) continue;
    provenances.push(...it.provenances);
    wasSeeking ||= it.seeking;
    if (it.key === key && it.tries > 0 && it.nextAt > m.time) {
      it.met = isPinged = true;
      it.id = id;
      it.provenances.length = 0;
    } else endApproach(m, it);
  }
  return { provenances, wasSeeking, isPinged };
}

export function endApproach(m: Machine, it: Approach): void {
  m.approaches.delete(it.key);
  m.approachBySequence.delete(it.sequence);
}

function knock(m: Machine, it: Approach): void {
  sendFirstPing(m, it.sequence, it.id, it.address, it.bytesMax);
  it.nextAt = m.time + m.timing.probeTimeoutMs * 2 ** it.tries;
  it.tries++;
  wake(m, it.nextAt);
}
