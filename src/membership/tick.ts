import { declare, forget } from './apply.ts';
import { continueApproaches } from './approach.ts';
import { drawRows } from './draw-rows.ts';
import type { Machine } from './machine.ts';
import { isLive } from './merge.ts';
import { sendNews } from './packets.ts';
import { continueProbes, probeDead, probeDue, probeNext } from './probe.ts';
import { continueRelays } from './relay.ts';
import { endOf } from './suspicion.ts';

/** Members told the news at a time: with the pause between packets, all of 32 know within about four rounds. */
const gossipFanOut = 3;

/** How often it is looked for tombstones that are old enough. */
const sweepIntervalMs = 1_000;

/** Does whatever is due at the machine's time. */
export function runDue(m: Machine): void {
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
    if (endOf(m, suspicion) > m.time) continue;
    const row = m.table.rows.get(id);
    m.suspicions.delete(id);
    if (row?.state === 'suspect') declare(m, row, 'dead');
  }
}

function runPeriodic(m: Machine): void {
  const { timing, time } = m;
  if (m.nextProbeAt <= time) {
    m.nextProbeAt = following(m.nextProbeAt, timing.probeIntervalMs, time);
    probeNext(m);
  }
  if (m.nextDeadProbeAt <= time) {
    m.nextDeadProbeAt = following(m.nextDeadProbeAt, timing.deadProbeIntervalMs, time);
    if (m.table.count('dead') > 0) probeDead(m);
  }
  if (m.nextSyncAt <= time) {
    m.nextSyncAt = time + (0.8 + 0.4 * m.random()) * timing.syncIntervalMs;
    const [row] = drawRows(m.table.live, 1, m.random);
    if (row !== undefined) m.effects.push({ type: 'sync', with: row.id });
  }
  if (m.nextSweepAt <= time) {
    m.nextSweepAt = time + sweepIntervalMs;
    sweep(m);
  }
}

/** [M8] */
function sweep(m: Machine): void {
  if (m.table.count('dead') + m.table.count('left') === 0) return;
  for (const row of m.table.rows.values()) {
    if (!isLive(row.state) && m.now - row.since >= m.timing.rememberMs) forget(m, row);
  }
}

/** [M6] News that presses does not wait for the next ping. */
function gossip(m: Machine): void {
  if (m.nextGossipAt > m.time || !m.news.pressing() || m.table.live.length === 0) return;
  m.nextGossipAt = m.time + m.timing.gossipIntervalMs;
  for (const row of drawRows(m.table.live, gossipFanOut, m.random)) {
    if (!sendNews(m, row.reachedAt)) return;
  }
}

function nextWakeAt(m: Machine): number {
  let at = Math.min(m.nextProbeAt, m.nextSyncAt, m.nextDeadProbeAt, m.nextSweepAt);
  if (m.news.pressing() && m.table.live.length > 0) at = Math.min(at, m.nextGossipAt);
  for (const probe of m.probes.values()) at = Math.min(at, probe.helpAt, probe.deadlineAt);
  for (const suspicion of m.suspicions.values()) at = Math.min(at, endOf(m, suspicion));
  for (const it of m.approaches.values()) at = Math.min(at, it.nextAt);
  for (const relay of m.relays.values()) at = Math.min(at, relay.nacked ? relay.endsAt : relay.nackAt);
  return m.due.size > 0 ? m.time : at;
}

/** Keeps the phase, and skips what was missed. */
function following(at: number, intervalMs: number, time: number): number {
  return at + intervalMs > time ? at + intervalMs : time + intervalMs;
}
