import type { NodeId } from '../protocol/ids.ts';
import type { MemberCause } from '../protocol/member-update.ts';
import type { SocketAddress } from '../protocol/socket-address.ts';
import { declare } from './apply.ts';
import { drawRows } from './draw-rows.ts';
import { endProbe } from './end-probe.ts';
import { recover, stretched, worsen } from './health.ts';
import { type Machine, nextSequence, type Probe, type Urgency, wake } from './machine.ts';
import { isLive } from './merge.ts';
import { sendPacket, sendPing } from './packets.ts';
import { noteRoundTrip, otherAddresses, type Row, touched } from './row.ts';
import { observe, tell } from './shown-state.ts';
import { burst, burstFrozen, confirmSuspicion, holdSuspicions } from './suspicion.ts';
import { lastLookMs, witnessMs } from './suspicion-time.ts';

/** [M4] Others asked to ping for us at a time. */
const helpersMax = 3;

/** Helpers are asked at the first repeat of the ping and at every third after it, two timeouts later: one in which they look, one for the way. */
const helpEvery = 3;

/** [M15] The first handshakes follow each other as fast again: of one alone a tenth is lost where a twentieth of packets is. */
const handshakesSoon = 3;

/** [M15] Whose host is there is pinged so many times as often: what is lost must not look frozen within its short time. */
const repeatsOfAccepted = 4;

/** Probe timeouts after which a member whose host answers and whose process does not is called frozen. */
const frozenAfter = 3;

/** [M14] Where more first pings than this are lost, there is more patience: much loss is no death. */
const unansweredUsual = 0.2;
const patiencePerLoss = 5;

/** [M15] Pings are repeated so often to one whose host is there that it takes more loss than that. */
const unansweredMuch = 0.35;
const patiencePerMuchLoss = 12;

const unansweredGain = 1 / 16;

/** [M4] Pings the next member of the round, or the next on the ring. */
export function probeNext(m: Machine): void {
  // Every other probe goes to the ring: so that none waits for long, as chance would have it for some.
  m.ringTurn = !m.ringTurn;
  const next = m.table.nextAfter(m.self.id);
  if (next === undefined) return;
  let row: Row | undefined = next;
  // The one on the ring has a turn of its own: among few it would take those of the others.
  for (let draws = 0; !m.ringTurn && row === next && draws <= m.table.live.length; draws++) row = nextOfRound(m);
  startProbe(m, row ?? next, 'soon');
}

function nextOfRound(m: Machine): Row | undefined {
  return m.round.next((it) => {
    it.inRound = isLive(it.state) && m.table.rows.get(it.id) === it;
    return it.inRound;
  });
}

/** Probes out of turn what there is reason to look at; the dead get a ping without a deadline. */
export function probeDue(m: Machine): void {
  for (const [id, urgency] of m.due) {
    const row = m.table.rows.get(id);
    if (row === undefined) continue;
    if (isLive(row.state)) startProbe(m, row, urgency);
    else sendPing(m, nextSequence(m), row, row.reachedAt);
  }
  m.due.clear();
}

/** [M8] Pings one of the dead: if it is there after all, it refutes. */
export function probeDead(m: Machine): void {
  const dead = [...m.table.rows.values()].filter((row) => row.state === 'dead');
  const row = dead[Math.floor(m.random() * dead.length)];
  if (row === undefined) return;
  sendPing(
    m,
    nextSequence(m),
    row,
    m.random() < 0.5 ? row.reachedAt : (otherAddresses(row, m.random)[0] ?? row.reachedAt),
  );
}

function startProbe(m: Machine, row: Row, urgency: Urgency): void {
  const isRoutine = urgency === 'soon';
  const patienceMs = patience(m, urgency);
  const running = m.probeOf.get(row.id);
  if (running !== undefined) {
    if (isRoutine) return;
    const endsAt = m.time + patienceMs;
    running.deadlineAt = urgency === 'last' ? endsAt : Math.min(running.deadlineAt, endsAt);
    running.helpAt = m.time;
    wake(m, m.time);
    return;
  }
  const helpAt = isRoutine ? m.time + stretched(m, m.timing.probeTimeoutMs) : m.time;
  const sequence = nextSequence(m);
  const times = { startedAt: m.time, helpAt, deadlineAt: m.time + patienceMs };
  const probe: Probe = {
    row,
    sequence,
    ...times,
    repeats: 0,
    asked: 0,
    nacks: 0,
    stream: undefined,
    frozenAt: undefined,
  };
  m.probes.set(probe.sequence, probe);
  m.probeOf.set(row.id, probe);
  m.counters.probes++;
  sendPing(m, probe.sequence, row, row.reachedAt);
  wake(m, helpAt);
}

/** [M4] [M14] How long an answer is waited for. */
function patience(m: Machine, urgency: Urgency): number {
  const ofLoss = patienceOfLoss(m, unansweredUsual, patiencePerLoss);
  if (urgency === 'soon') return stretched(m, m.timing.probeDeadlineMs) * ofLoss;
  return (urgency === 'last' ? lastLookMs(m.timing, m.unanswered) : witnessMs(m.timing)) * ofLoss;
}

function patienceOfLoss(m: Machine, from: number, perLoss: number): number {
  return 1 + Math.max(0, m.unanswered - from) * perLoss;
}

/** Calls for help where there was no ack in time, and says what it is where that did not help either. */
export function continueProbes(m: Machine): void {
  for (const probe of m.probes.values()) {
    if (probe.deadlineAt <= m.time && !waitsForHelpers(m, probe)) {
      endProbe(m, probe);
      if (isLive(probe.row.state)) fail(m, probe);
    } else if (probe.helpAt <= m.time) {
      askForHelp(m, probe);
    }
  }
}

/** None of those who were asked has said anything. */
function isUnhelped({ asked, nacks }: Probe): boolean {
  return asked > 0 && nacks === 0;
}

/** [M15] A handshake and no word are soon believed where a helper has no answer either; else this node may be the one that does not hear. */
function waitsForHelpers(m: Machine, probe: Probe): boolean {
  const endsAt = probe.startedAt + stretched(m, m.timing.probeDeadlineMs);
  if (probe.stream !== 'accepted' || !isUnhelped(probe) || endsAt <= m.time) return false;
  probe.deadlineAt = endsAt;
  return true;
}

/** [M4] [M12] [M15] Nobody got an answer out of it. */
function fail(m: Machine, probe: Probe): void {
  const { row, stream } = probe;
  m.counters.probesFailed++;
  // [M14] [M16] No helper said anything either: it may be that this node hears nobody.
  row.lostAlone = probe.nacks === 0 && stream === undefined;
  if (isUnhelped(probe) && stream !== 'refused') worsen(m);
  if (stream === 'accepted') {
    // What the probe found holds from its end on: with much loss it may have taken long.
    row.acceptedAt = m.time;
    const isFirst = row.frozenSince === Number.POSITIVE_INFINITY;
    if (isFirst) row.frozenSince = m.time;
    // [M14] For once it is this node that is doubted.
    if (isFirst && isUnhelped(probe)) return;
    observe(m, row, 'handshake-only');
    if (m.time - row.frozenSince < m.timing.frozenMs) {
      if (row.state === 'suspect' && isFirst) burstFrozen(m, row);
      const isNew = row.state === 'alive';
      declare(m, row, 'degraded', 'frozen');
      if (isNew) burst(m, row);
      tell(m, row, false);
      return;
    }
  } else observe(m, row, stream === 'refused' ? 'refused' : 'no-answer');
  const cause: MemberCause = stream === 'refused' ? 'refused' : stream === 'accepted' ? 'frozen' : 'silent';
  if (row.state === 'suspect') confirmSuspicion(m, row, m.self.id, cause);
  else declare(m, row, 'suspect', cause);
}

/** Another node is reached where this one was: it came back without its disk, or another program has the port now. */
function isTakenOver(m: Machine, row: Row): boolean {
  const { address, port } = row.reachedAt;
  const isThere = (it: SocketAddress) => it.address === address && it.port === port;
  if (m.self.addresses.some(isThere)) return true;
  return m.table.live.some((it) => it !== row && it.reached && it.heardAt > row.heardAt && isThere(it.reachedAt));
}

/** [M12] The member's host completed a handshake, or refused one. */
export function streamAnswered(m: Machine, row: Row, answer: 'accepted' | 'refused'): void {
  // [G3] Whoever completed the handshake is another: this one's process is gone.
  const how = isTakenOver(m, row) ? 'refused' : answer;
  if (how === 'accepted') row.acceptedAt = m.time;
  const probe = m.probeOf.get(row.id);
  if (probe === undefined) {
    if (how === 'refused' && isLive(row.state)) m.due.set(row.id, 'quick');
    wake(m, m.time);
    return;
  }
  const isFirst = probe.stream === undefined;
  probe.stream = how;
  if (how === 'accepted') {
    if (!isFirst) return;
    const { startedAt } = probe;
    const { probeTimeoutMs } = m.timing;
    // Before this its host may have been cut off: the process has to answer what it is asked from now on.
    const fairAt = m.time + probeTimeoutMs;
    const frozenMs = frozenAfter * probeTimeoutMs * patienceOfLoss(m, unansweredMuch, patiencePerMuchLoss);
    probe.deadlineAt = probe.frozenAt = Math.max(fairAt, startedAt + frozenMs);
    probe.helpAt = Math.min(probe.helpAt, m.time + repeatMs(m, probe));
    wake(m, Math.min(probe.deadlineAt, probe.helpAt));
    return;
  }
  // A process that is there acks within this, from whichever port it has.
  const waitMs = Math.max(m.timing.quickMs, 2 * (row.rttMs ?? 0));
  probe.deadlineAt = Math.min(probe.deadlineAt, Math.max(m.time, probe.startedAt + waitMs));
  wake(m, probe.deadlineAt);
}

export function nacked(m: Machine, sequence: number): void {
  const probe = m.probes.get(sequence);
  if (probe === undefined) return;
  probe.nacks++;
  if (probe.frozenAt === undefined || probe.frozenAt > probe.deadlineAt) return;
  probe.deadlineAt = Math.max(m.time, probe.frozenAt);
  wake(m, probe.deadlineAt);
}

function repeatMs(m: Machine, { stream, repeats }: Probe): number {
  const often = stream === 'accepted' ? repeatsOfAccepted : repeats < handshakesSoon ? 2 : 1;
  return m.timing.probeTimeoutMs / often;
}

function askForHelp(m: Machine, probe: Probe): void {
  const { row, sequence } = probe;
  probe.repeats++;
  probe.helpAt = m.time + repeatMs(m, probe);
  // One look at a member that is known to be frozen is enough: each leaves a connection in its queue.
  if (probe.stream === undefined) m.effects.push({ type: 'stream-probe', id: row.id, address: row.reachedAt });
  // The ping itself or its ack may just have been lost, or that address may be the wrong one.
  sendPing(m, sequence, row, row.reachedAt);
  for (const other of otherAddresses(row, m.random)) sendPing(m, sequence, row, other);
  if ((probe.repeats - 1) % (probe.stream === 'accepted' ? repeatsOfAccepted : helpEvery) !== 0) return;
  const head = {
    kind: 'ping-request',
    sequence,
    from: m.self.id,
    target: row.id,
    targetAddress: row.reachedAt,
  } as const;
  for (const helper of drawRows(m.table.live, helpersMax, m.random, row)) {
    sendPacket(m, helper.reachedAt, head, { items: [], news: true });
    probe.asked++;
  }
}

/** An ack to a probe, direct or passed on by a helper. Returns whether it was one. */
export function acknowledgeProbe(m: Machine, sequence: number, id: NodeId, source: SocketAddress): boolean {
  const probe = m.probes.get(sequence);
  if (probe === undefined || probe.row.id !== id) return false;
  endProbe(m, probe);
  if (probe.repeats === 0) recover(m);
  m.unanswered += ((probe.repeats > 0 ? 1 : 0) - m.unanswered) * unansweredGain;
  const { row } = probe;
  const { address, port } = row.reachedAt;
  const there = source.address === address && source.port === port;
  if (!there && !row.addresses.some((it) => it.address === source.address && it.port === source.port)) return true;
  if (probe.repeats === 0) noteRoundTrip(row, m.time - probe.startedAt);
  row.reached = true;
  if (!there) {
    row.reachedAt = source;
    touched(row);
  }
  return true;
}

/** [M11] A sign of life that came another way. It ends the probe; it refutes nothing. */
export function calmProbe(m: Machine, row: Row): void {
  heard(m, row);
  endProbe(m, m.probeOf.get(row.id));
}

/** Probe deadlines without a word of anybody after which it is this node that was cut off. */
const deafAfter = 2;

/** It said something itself. */
export function heard(m: Machine, row: Row): void {
  if (m.time - m.heardAt > deafAfter * m.timing.probeDeadlineMs) holdSuspicions(m);
  m.heardAt = row.heardAt = m.time;
  row.frozenSince = Number.POSITIVE_INFINITY;
}
