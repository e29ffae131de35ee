import { encodeItem } from '../protocol/gossip-item.ts';
import type { NodeId } from '../protocol/ids.ts';
import type { MemberCause } from '../protocol/member-update.ts';
import type { RawItem } from '../protocol/raw-item.ts';
import { drawRows } from './draw-rows.ts';
import { isBelieved } from './is-believed.ts';
import { liveCount, type Machine, type Suspicion, wake } from './machine.ts';
import { sendPacket } from './packets.ts';
import { itemOf, type Row, touched, updateOf } from './row.ts';
import { observe, tell } from './shown-state.ts';
import { confirmationsMax, lastLookMs, suspicionTimeMs } from './suspicion-time.ts';
import { transmitLimit } from './transmit-limit.ts';

/** How many of those who hear of a suspicion look for themselves at once, on the average; of many suspicions fewer do. */
const witnesses = 6;
const witnessesOfMany = 4;

/** The row has just become suspect. */
export function beginSuspicion(m: Machine, row: Row): void {
  const accusers = new Set(isBelieved(m, row.by) ? [row.by] : []);
  const refused = new Set(row.cause === 'refused' ? accusers : []);
  const suspicion = { startedAt: m.time, accusers, refused, heldUntil: 0, looked: false };
  m.suspicions.set(row.id, suspicion);
  if (row.by === m.self.id && row.cause === 'refused') burst(m, row);
  wake(m, dueAt(m, suspicion));
  // A second opinion at once: it shortens the suspicion of the dead, and tells the living by one more way.
  if (
    row.by !== m.self.id &&
    m.random() < (m.suspicions.size > fewSuspicions ? witnessesOfMany : witnesses) / liveCount(m)
  ) {
    m.due.set(row.id, row.cause === 'refused' ? 'quick' : 'witness');
    wake(m, m.time);
  }
}

/** One more says that the row is suspect. Told on only while it shortens the time. */
export function confirmSuspicion(m: Machine, row: Row, by: NodeId, cause: MemberCause | undefined): void {
  const suspicion = m.suspicions.get(row.id);
  if (suspicion === undefined || !isBelieved(m, by)) return;
  if (suspicion.accusers.size === 0) {
    becomeWitnessed(m, row, suspicion, by, cause);
    return;
  }
  const isGone = cause === 'refused' && !suspicion.refused.has(by) && suspicion.refused.size < refusalsWanted;
  const isNew = !suspicion.accusers.has(by) && suspicion.accusers.size <= confirmationsMax;
  if (!isGone && !isNew) return;
  const key = suspectKey(row.id, Math.min(confirmationsMax, suspicion.accusers.size));
  suspicion.accusers.add(by);
  if (isGone) suspicion.refused.add(by);
  if (by !== m.self.id) observe(m, row, 'called-suspect', by);
  const item = encodeItem({ type: 'member', update: updateOf(row, by, cause) });
  m.news.put(key, item, isGone ? 1 : confirmationShare * shareOfMany(m));
  if (isGone) hurry(m);
  wake(m, Math.max(m.time, m.nextGossipAt));
  wake(m, dueAt(m, suspicion));
  tell(m, row, false);
}

/** What was hearsay until now [M13] has been found by somebody: it is that one's suspicion, and it begins with him. */
function becomeWitnessed(m: Machine, row: Row, suspicion: Suspicion, by: NodeId, cause: MemberCause | undefined): void {
  row.by = by;
  row.cause = cause;
  touched(row);
  suspicion.accusers.add(by);
  if (cause === 'refused') suspicion.refused.add(by);
  // Of one that was looked into at the end of its time nothing more is to be waited for.
  if (!suspicion.looked) suspicion.startedAt = m.time;
  if (by !== m.self.id) observe(m, row, 'called-suspect', by);
  if (by === m.self.id && cause === 'refused') burst(m, row);
  spread(m, row);
  hurry(m);
  wake(m, dueAt(m, suspicion));
  tell(m, row, false);
}

/** [M12] Those who must have found the port closed before the suspicion ends at once: two, where there are two. */
const refusalsWanted = 2;

export function isProcessGone(m: Machine, suspicion: Suspicion): boolean {
  return suspicion.refused.size >= Math.min(refusalsWanted, liveCount(m) - 1);
}

/** Told directly of a process that is gone or frozen, beside what gossip does. */
const burstMax = 32;

/** [M12] [M15] What is certain is told to many at once. */
export function burst(m: Machine, row: Row): void {
  tellDirectly(m, row, itemOf(row));
}

/** [M15] Who finds a suspect frozen says that: it overrides no suspicion, but who hears it knows that calls do not get through. */
export function burstFrozen(m: Machine, row: Row): void {
  const update = { ...updateOf(row, m.self.id, 'frozen'), state: 'degraded' } as const;
  tellDirectly(m, row, encodeItem({ type: 'member', update }));
}

function tellDirectly(m: Machine, row: Row, item: RawItem): void {
  for (const to of drawRows(m.table.live, burstMax, m.random, row)) {
    sendPacket(m, to.reachedAt, { kind: 'gossip', from: m.self.id }, { items: [item], news: false });
  }
}

/** Least time between two packets of urgent news that do not wait for the next gossip. */
const urgentGapMs = 10;

/** News of a state that calls turn on: it goes out at once. Of many such news each would fill a packet of its own with little. */
export function hurry(m: Machine): void {
  const gapMs = m.suspicions.size > fewSuspicions ? m.timing.gossipIntervalMs : urgentGapMs;
  m.nextGossipAt = Math.min(m.nextGossipAt, Math.max(m.time, m.nextUrgentAt));
  m.nextUrgentAt = Math.max(m.nextUrgentAt, m.nextGossipAt + gapMs);
  wake(m, Math.max(m.time, m.nextGossipAt));
}

function endOf(m: Machine, suspicion: Suspicion): number {
  if (isProcessGone(m, suspicion)) return suspicion.startedAt;
  const end = suspicion.startedAt + timeOf(m, Math.max(0, suspicion.accusers.size - 1));
  return Math.max(end, suspicion.heldUntil);
}

/** [M13] What this node found while it heard nobody it finds anew, now that it does, or gives the others the time to contradict. */
export function holdSuspicions(m: Machine): void {
  for (const suspicion of m.suspicions.values()) {
    suspicion.looked = false;
    suspicion.heldUntil = Math.max(suspicion.heldUntil, m.time + m.timing.probeDeadlineMs);
  }
}

/** Accusers, this node among them or not, who are enough: that all of them lost all they sent by chance happens to nobody. */
const accusersEnough = 3;

/**
 * [M5] Who is called silent by one or two may have lost what these sent: whoever would call it dead looks for himself before.
 * Where many are suspected at once, as in a partition, that would be a flood.
 */
export function isToBeLookedInto(m: Machine, suspicion: Suspicion): boolean {
  const { refused, accusers } = suspicion;
  if (accusers.size === 0) return true;
  return refused.size === 0 && accusers.size < accusersEnough && m.suspicions.size <= fewSuspicions;
}

/** When the suspicion has to be seen to: at its end, or for as long before it as a look takes. */
export function dueAt(m: Machine, suspicion: Suspicion): number {
  const end = endOf(m, suspicion);
  return suspicion.looked || !isToBeLookedInto(m, suspicion) ? end : end - lastLookMs(m.timing, m.unanswered);
}

/** The suspicion time, worked out once for as many as are live: half of a large cluster may be suspected at once, and each is looked at again and again. */
function timeOf(m: Machine, confirmations: number): number {
  const live = liveCount(m);
  if (m.suspicionTimes.live !== live || m.suspicionTimes.timing !== m.timing) {
    const ms = Array.from({ length: confirmationsMax + 1 }, (_, count) => suspicionTimeMs(m.timing, live, count));
    m.suspicionTimes = { live, timing: m.timing, ms };
  }
  return m.suspicionTimes.ms[Math.min(confirmations, confirmationsMax)] as number;
}

/** A confirmation shortens the time of who hears it; it need not reach all. */
const confirmationShare = 1 / 3;

/** So many suspicions at once are those of hosts that have nothing to do with each other. */
const fewSuspicions = 8;

/** What is left, at least, of how often the news of one of many is passed on. */
const shareOfManyMin = 1 / 4;

/**
 * [M6] Where many fall silent together, as in a partition, each is missed by several who look for themselves, and each node
 * comes to the end of each suspicion by itself: what all say of all to all would only grow with their number.
 */
function shareOfMany(m: Machine): number {
  return Math.max(shareOfManyMin, Math.min(1, fewSuspicions / m.suspicions.size));
}

/** For so long a higher incarnation is news. */
const renewedMs = 10_000;

/** It has refuted, or is back: no newcomer. */
function isRenewed(m: Machine, row: Row): boolean {
  return row.state === 'alive' && m.time - row.renewedAt <= renewedMs;
}

/** So much news under way is told as often as it may be, whoever else tells it. */
const littleNews = 4;

/** News under way beside which one more is one of many. */
const fewNews = 16;
const shareOfRenewalMin = 1 / 2;

/** When a partition heals all refute at once: each tells whoever asks it, and synchronisations tell the rest. */
function shareOfRenewal(m: Machine): number {
  return Math.max(shareOfRenewalMin, Math.min(1, fewNews / m.news.size()));
}

/** [M6] Another node has just said of the row what is being passed on about it here. */
export function heardAgain(m: Machine, row: Row, by: NodeId): void {
  // Of newcomers there are many at once and each must be known to all at once; deaths of many come from many sides, as do
  // those who refute when a partition heals.
  if (row.state === 'alive' && !isRenewed(m, row)) return;
  // What is told once more costs little where little is told, and reaches the one that has missed it so far.
  if (m.news.size() <= littleNews) return;
  const limit = transmitLimit(liveCount(m));
  if (row.state !== 'suspect') m.news.heardAgain(memberKey(row.id), limit);
  else if (by === row.by) m.news.heardAgain(suspectKey(row.id, 0), limit);
}

/** Passes the row on as it is now, in place of whatever was being passed on about it [M6]. */
export function spread(m: Machine, row: Row): void {
  for (let nth = 0; nth <= confirmationsMax; nth++) m.news.remove(suspectKey(row.id, nth));
  if (row.state === 'suspect') m.news.remove(memberKey(row.id));
  const key = row.state === 'suspect' ? suspectKey(row.id, 0) : memberKey(row.id);
  m.news.put(key, itemOf(row), isSilent(row) ? shareOfMany(m) : isRenewed(m, row) ? shareOfRenewal(m) : 1);
  wake(m, Math.max(m.time, m.nextGossipAt));
}

/** Its process is not known to be gone. */
function isSilent(row: Row): boolean {
  return (row.state === 'suspect' || row.state === 'dead') && row.cause !== 'refused';
}

/** Nothing is passed on about it any more. */
export function hush(m: Machine, id: NodeId): void {
  for (let nth = 0; nth <= confirmationsMax; nth++) m.news.remove(suspectKey(id, nth));
  m.news.remove(memberKey(id));
}

function memberKey(id: NodeId): string {
  return `member ${id}`;
}

/** Each accuser's word travels for itself. */
function suspectKey(id: NodeId, nth: number): string {
  return `suspect ${nth} ${id}`;
}
