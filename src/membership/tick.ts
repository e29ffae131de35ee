import { declare, forget } from './apply.ts';
import { continueApproaches } from './approach.ts';
import { drawRows } from './draw-rows.ts';
import { isFrozenHere } from './is-frozen-here.ts';
import { liveCount, type Machine, type Suspicion } from './machine.ts';
import { isLive } from './merge.ts';
import { sendNews } from './packets.ts';
import { continueProbes, probeDead, probeDue, probeNext } from './probe.ts';
import { continueRelays } from './relay.ts';
import { reviewSelf } from './review-self.ts';
import type { Row } from './row.ts';
import { reviewDamped } from './shown-state.ts';
import { dueAt, isProcessGone, isToBeLookedInto } from './suspicion.ts';

/** Members told the news at a time: with the pause between packets, all of 32 know within about four rounds. */
const gossipFanOut = 3;

/** So much news fits into the packets of half a second; with more the pauses between them are shorter, down to a quarter. */
const newsAtEase = 128;
const hasteMax = 4;

/** How often it is looked for tombstones that are old enough. */
const sweepIntervalMs = 1_000;

/** Does whatever is due at the machine's time. */
export function runDue(m: Machine): void {
  reviewSelf(m);
  continueProbes(m);
  endSuspicions(m);
  probeDue(m);
  runPeriodic(m);
  continueApproaches(m);
  continueRelays(m);
  gossip(m);
  m.hurried = false;
  m.wakeAt = nextWakeAt(m);
}

function endSuspicions(m: Machine): void {
  for (const [id, suspicion] of m.suspicions) {
    if (dueAt(m, suspicion) > m.time) continue;
    const row = m.table.rows.get(id);
    if (row?.state === 'suspect' && looksFirst(m, row, suspicion)) continue;
    if (row?.state === 'suspect' && spokenFor(m, row, suspicion)) {
      // [M13] [M15] It was heard, or its host answered, a moment ago: the suspicion stays, and is looked into.
      suspicion.heldUntil = m.time + m.timing.probeDeadlineMs;
      m.due.set(id, 'witness');
      continue;
    }
    m.suspicions.delete(id);
    if (row?.state === 'suspect') declare(m, row, 'dead', isProcessGone(m, suspicion) ? 'refused' : row.cause);
  }
}

/** [M5] Begins the look before the end, and waits for it. */
function looksFirst(m: Machine, row: Row, suspicion: Suspicion): boolean {
  if (!isToBeLookedInto(m, suspicion)) return false;
  if (!suspicion.looked) {
    suspicion.looked = true;
    m.due.set(row.id, 'last');
    return true;
  }
  const probe = m.probeOf.get(row.id);
  if (probe !== undefined) suspicion.heldUntil = probe.deadlineAt;
  return probe !== undefined;
}

/** How long a suspicion is held off by a member that is heard and never refutes: it does not hear, and calls do not reach it. */
const deafMs = 10_000;

function spokenFor(m: Machine, row: Row, suspicion: Suspicion): boolean {
  if (isProcessGone(m, suspicion)) return false;
  const passed = m.time - suspicion.startedAt;
  if (passed < deafMs && m.time - row.heardAt < m.timing.probeDeadlineMs) return true;
  return isFrozenHere(m, row);
}

function runPeriodic(m: Machine): void {
  const { timing, time } = m;
  if (m.nextProbeAt <= time) {
    m.nextProbeAt = following(m.nextProbeAt, timing.probeIntervalMs, time);
    probeNext(m);
  }
  if (m.nextDeadProbeAt <= time) {
    m.nextDeadProbeAt = following(m.nextDeadProbeAt, deadProbeMs(m), time);
    if (m.table.count('dead') > 0) probeDead(m);
  }
  if (m.nextSyncAt <= time) {
    m.nextSyncAt = time + (0.8 + 0.4 * m.random()) * timing.syncIntervalMs;
    synchroniseSometimes(m);
  }
  if (m.nextSweepAt <= time) {
    m.nextSweepAt = time + sweepIntervalMs;
    sweep(m);
    if (m.damped.size > 0) reviewDamped(m);
  }
}

/** [M8] So many together look for the dead often enough, each at its interval; where fewer are, each looks oftener, for a while. */
const lookersEnough = 8;
const lookersLeast = 2;
const lookOftenMs = 120_000;

function deadProbeMs(m: Machine): number {
  const { deadProbeIntervalMs } = m.timing;
  if (m.time - m.diedAt > lookOftenMs) return deadProbeIntervalMs;
  return deadProbeIntervalMs * Math.min(1, Math.max(lookersLeast, liveCount(m)) / lookersEnough);
}

/** [S4] With one chosen at random, where views differed since the last time; else seldom, for digests can be equal by chance. */
function synchroniseSometimes(m: Machine): void {
  if (!m.differed && m.time - m.syncedAt < m.timing.syncIdleMs) return;
  const [row] = drawRows(m.table.live, 1, m.random);
  if (row === undefined) return;
  m.differed = false;
  m.syncedAt = m.time;
  m.effects.push({ type: 'sync', with: row.id });
}

function hasToSweep(m: Machine): boolean {
  return m.damped.size > 0 || m.table.count('dead') + m.table.count('left') > 0;
}

/** [M8] */
function sweep(m: Machine): void {
  for (const row of m.table.rows.values()) {
    if (!isLive(row.state) && m.now - row.since >= m.timing.rememberMs) forget(m, row);
  }
}

/** [M6] News that presses does not wait for the next ping. */
function gossip(m: Machine): void {
  if (m.nextGossipAt > m.time || !m.news.pressing() || m.table.live.length === 0) return;
  m.nextGossipAt = m.time + m.timing.gossipIntervalMs / hasteOf(m);
  for (const row of drawRows(m.table.live, gossipFanOut, m.random)) {
    if (!sendNews(m, row.reachedAt)) return;
  }
}

/** [M6] News of many at once, as when a partition heals, is passed on no oftener, but sooner: else it queues for seconds. */
function hasteOf(m: Machine): number {
  return Math.min(hasteMax, Math.max(1, m.news.size() / newsAtEase));
}

/** `Infinity`: never, until something comes in. */
export function nextWakeAt(m: Machine): number {
  // A process that wakes for nothing costs more than all it does when there is something.
  let at = m.table.live.length > 0 ? Math.min(m.nextProbeAt, m.nextSyncAt) : Number.POSITIVE_INFINITY;
  if (m.table.count('dead') > 0) at = Math.min(at, m.nextDeadProbeAt);
  if (hasToSweep(m)) at = Math.min(at, m.nextSweepAt);
  if (m.self.state === 'degraded') at = Math.min(at, m.degradedUntil);
  if (m.news.pressing() && m.table.live.length > 0) at = Math.min(at, m.nextGossipAt);
  for (const probe of m.probes.values()) at = Math.min(at, probe.helpAt, probe.deadlineAt);
  // Asked with every ack, and there are mostly none of these.
  if (m.suspicions.size > 0) for (const suspicion of m.suspicions.values()) at = Math.min(at, dueAt(m, suspicion));
  if (m.approaches.size > 0) for (const it of m.approaches.values()) at = Math.min(at, it.nextAt);
  if (m.relays.size > 0)
    for (const relay of m.relays.values()) at = Math.min(at, relay.nacked ? relay.endsAt : relay.nackAt);
  return m.due.size > 0 ? m.time : Math.max(m.time, at);
}

/** Keeps the phase, and skips what was missed. */
function following(at: number, intervalMs: number, time: number): number {
  return at + intervalMs * (1 + Math.max(0, Math.floor((time - at) / intervalMs)));
}
