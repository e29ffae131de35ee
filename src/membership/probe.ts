import type { NodeId } from '../protocol/ids.ts';
import type { SocketAddress } from '../protocol/socket-address.ts';
import { declare } from './apply.ts';
import { drawRows } from './draw-rows.ts';
import { type Machine, nextSequence, type Probe, wake } from './machine.ts';
import { isLive } from './merge.ts';
import { sendPacket, sendPing } from './packets.ts';
import { otherAddress, type Row, touched } from './row.ts';

/** [M4] Others asked to ping for us at a time. */
const helpersMax = 3;

/** Probe timeouts from one call for help to the next: one in which the helpers look, one for the way. */
const helpPause = 2;

/** Weight of the latest round trip in the smoothed one (as TCP: RFC 6298). */
const rttGain = 1 / 8;

/** [M4] Pings the next member of the round. */
export function probeNext(m: Machine): void {
  const row = m.round.next((it) => {
    it.inRound = isLive(it.state) && m.table.rows.get(it.id) === it;
    return it.inRound;
  });
  if (row !== undefined) startProbe(m, row, false);
}

/** Probes out of turn what there is reason to look at; the dead get a ping without a deadline. */
export function probeDue(m: Machine): void {
  for (const [id, urgency] of m.due) {
    const row = m.table.rows.get(id);
    if (row === undefined) continue;
    if (isLive(row.state)) startProbe(m, row, urgency === 'quick');
    else sendPing(m, nextSequence(m), row, row.reachedAt);
  }
  m.due.clear();
}

/** [M8] Pings one of the dead: if it is there after all, it refutes. */
export function probeDead(m: Machine): void {
  const dead = [...m.table.rows.values()].filter((row) => row.state === 'dead');
  const row = dead[Math.floor(m.random() * dead.length)];
  if (row === undefined) return;
  sendPing(m, nextSequence(m), row, m.random() < 0.5 ? row.reachedAt : (otherAddress(row, m.random) ?? row.reachedAt));
}

function startProbe(m: Machine, row: Row, quick: boolean): void {
  const { probeTimeoutMs, probeDeadlineMs } = m.timing;
  const deadlineAt = m.time + (quick ? probeTimeoutMs : probeDeadlineMs);
  const running = m.probeOf.get(row.id);
  if (running !== undefined) {
    if (!quick) return;
    running.deadlineAt = Math.min(running.deadlineAt, deadlineAt);
    running.helpAt = m.time;
    wake(m, m.time);
    return;
  }
  const helpAt = quick ? m.time : m.time + probeTimeoutMs;
  const probe: Probe = { row, sequence: nextSequence(m), startedAt: m.time, helpAt, deadlineAt, helped: false };
  m.probes.set(probe.sequence, probe);
  m.probeOf.set(row.id, probe);
  m.counters.probes++;
  sendPing(m, probe.sequence, row, row.reachedAt);
  wake(m, helpAt);
}

/** Calls for help where there was no ack in time, and suspects where that did not help either. */
export function continueProbes(m: Machine): void {
  for (const probe of m.probes.values()) {
    if (probe.deadlineAt <= m.time) {
      endProbe(m, probe);
      if (!isLive(probe.row.state)) continue;
      m.counters.probesFailed++;
      declare(m, probe.row, 'suspect');
    } else if (probe.helpAt <= m.time) {
      askForHelp(m, probe);
    }
  }
}

function askForHelp(m: Machine, probe: Probe): void {
  const { row, sequence } = probe;
  probe.helped = true;
  probe.helpAt = m.time + helpPause * m.timing.probeTimeoutMs;
  // The ping itself or its ack may just have been lost, or that address may be the wrong one.
  sendPing(m, sequence, row, row.reachedAt);
  const other = otherAddress(row, m.random);
  if (other !== undefined) sendPing(m, sequence, row, other);
  const head = {
    kind: 'ping-request',
    sequence,
    from: m.self.id,
    target: row.id,
    targetAddress: row.reachedAt,
  } as const;
  for (const helper of drawRows(m.table.live, helpersMax, m.random, row)) {
    sendPacket(m, helper.reachedAt, head, { items: [], news: true });
  }
}

/** An ack to a probe, direct or passed on by a helper. Returns whether it was one. */
export function acknowledgeProbe(m: Machine, sequence: number, id: NodeId, source: SocketAddress): boolean {
  const probe = m.probes.get(sequence);
  if (probe === undefined || probe.row.id !== id) return false;
  endProbe(m, probe);
  const { row } = probe;
  const { address, port } = row.reachedAt;
  const there = source.address === address && source.port === port;
  if (!there && !row.addresses.some((it) => it.address === source.address && it.port === source.port)) return true;
  if (!probe.helped) {
    const rtt = m.time - probe.startedAt;
    row.rttMs = row.rttMs === undefined ? rtt : row.rttMs + (rtt - row.rttMs) * rttGain;
  }
  row.reached = true;
  if (!there) {
    row.reachedAt = source;
    touched(row);
  }
  return true;
}

/** [M11] A sign of life that came another way. It ends the probe; it refutes nothing. */
export function calmProbe(m: Machine, id: NodeId): void {
  const probe = m.probeOf.get(id);
  if (probe !== undefined) endProbe(m, probe);
}

function endProbe(m: Machine, probe: Probe): void {
  m.probes.delete(probe.sequence);
  m.probeOf.delete(probe.row.id);
}
