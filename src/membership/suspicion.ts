import { encodeItem } from '../protocol/gossip-item.ts';
import type { NodeId } from '../protocol/ids.ts';
import { liveCount, type Machine, type Suspicion, wake } from './machine.ts';
import { itemOf, type Row, updateOf } from './row.ts';
import { confirmationsMax, suspicionTimeMs } from './suspicion-time.ts';

/** How many of those who hear of a suspicion look for themselves at once, on the average. */
const witnesses = 4;

/** The row has just become suspect. */
export function beginSuspicion(m: Machine, row: Row): void {
  const suspicion = { startedAt: m.time, accusers: new Set([row.by]) };
  m.suspicions.set(row.id, suspicion);
  wake(m, endOf(m, suspicion));
  // A second opinion at once: it shortens the suspicion of the dead, and tells the living by one more way.
  if (row.by !== m.self.id && m.random() < witnesses / liveCount(m)) {
    m.due.set(row.id, 'soon');
    wake(m, m.time);
  }
}

/** One more says that the row is suspect. Told on only while it shortens the time. */
export function confirmSuspicion(m: Machine, row: Row, by: NodeId): void {
  const suspicion = m.suspicions.get(row.id);
  if (suspicion === undefined || suspicion.accusers.has(by) || suspicion.accusers.size > confirmationsMax) return;
  const key = suspectKey(row.id, suspicion.accusers.size);
  suspicion.accusers.add(by);
  m.news.put(key, encodeItem({ type: 'member', update: updateOf(row, by) }));
  wake(m, Math.max(m.time, m.nextGossipAt));
  wake(m, endOf(m, suspicion));
}

export function endOf(m: Machine, suspicion: Suspicion): number {
  return suspicion.startedAt + suspicionTimeMs(m.timing, liveCount(m), suspicion.accusers.size - 1);
}

/** Passes the row on as it is now, in place of whatever was being passed on about it [M6]. */
export function spread(m: Machine, row: Row): void {
  for (let nth = 0; nth <= confirmationsMax; nth++) m.news.remove(suspectKey(row.id, nth));
  if (row.state === 'suspect') m.news.remove(memberKey(row.id));
  m.news.put(row.state === 'suspect' ? suspectKey(row.id, 0) : memberKey(row.id), itemOf(row));
  wake(m, Math.max(m.time, m.nextGossipAt));
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
