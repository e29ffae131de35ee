import type { MemberState } from '../protocol/member-update.ts';
import { afterGoing, afterWhile, dampedDeathMs } from './damping.ts';
import { isBelieved } from './is-believed.ts';
import { liveCount, type Machine } from './machine.ts';
import type { ObservedFact } from './observation.ts';
import { withObservation } from './observation.ts';
import { type Row, snapshotOf } from './row.ts';

/** [M13] Accusers who must agree before a suspicion of others counts here. */
const accusersWanted = 2;

/** Where so few are, there may be nobody to agree. */
const fewMembers = 3;

/**
 * Tells what is to be seen of the row: its state as shown here, and with `facts` anything else. What nodes say to each other
 * (`row.state`) is merged by [M1]; what is shown is that, less the suspicion of a single other node [M13] and the coming and
 * going of an unstable member [M16].
 */
export function tell(m: Machine, row: Row, facts: boolean): void {
  const plain = plainState(m, row);
  if (plain !== row.plain) {
    if (isGone(plain) && row.plain !== undefined && !isGone(row.plain)) penalise(m, row);
    row.plain = plain;
    row.plainSince = m.now;
  }
  const shown = dampedState(m, row);
  const previous = row.shown;
  if (shown === previous && !facts) return;
  if (shown !== previous) row.shownSince = m.now;
  row.shown = shown;
  row.snapshot = undefined;
  m.effects.push({ type: 'changed', member: snapshotOf(row), previous });
}

/** [M16] Looks which of the unstable have become steady, or are gone for good. */
export function reviewDamped(m: Machine): void {
  for (const row of m.damped) {
    row.flapping = afterWhile(row.flapping, m.now);
    if (!row.flapping.damped || m.table.rows.get(row.id) !== row) m.damped.delete(row);
    if (m.table.rows.get(row.id) === row) tell(m, row, false);
  }
}

export function observe(m: Machine, row: Row, fact: ObservedFact, by = m.self.id): void {
  row.observations = withObservation(row.observations, { fact, by, at: m.now });
  row.snapshot = undefined;
}

function plainState(m: Machine, row: Row): MemberState {
  if (row.state === 'degraded' && row.by !== row.id && !isBelieved(m, row.by)) return unaccused(row);
  if (row.state !== 'suspect') return row.state;
  const suspicion = m.suspicions.get(row.id);
  if (suspicion === undefined) return 'suspect';
  // [M15] Its host completed a handshake a moment ago: frozen, whatever others say.
  if (m.time - row.acceptedAt < m.timing.probeDeadlineMs * 4 && row.frozenSince < Infinity) return 'degraded';
  if (m.time - row.calledFrozenAt < m.timing.probeDeadlineMs * 4) return 'degraded';
  const accusers = [...suspicion.accusers].filter((it) => isBelieved(m, it)).length;
  const wanted = suspicion.accusers.has(m.self.id) || liveCount(m) <= fewMembers ? 1 : accusersWanted;
  return accusers >= wanted ? 'suspect' : unaccused(row);
}

function unaccused(row: Row): MemberState {
  return row.plain === 'degraded' ? 'degraded' : 'alive';
}

function dampedState(m: Machine, row: Row): MemberState {
  const plain = row.plain ?? row.state;
  if (!row.flapping.damped || plain === 'left') return plain;
  return plain === 'dead' && m.now - row.plainSince >= dampedDeathMs ? 'dead' : 'degraded';
}

function penalise(m: Machine, row: Row): void {
  if (row.by === m.self.id && row.lostAlone) return;
  row.flapping = afterGoing(row.flapping, m.now);
  if (!row.flapping.damped) return;
  m.damped.add(row);
  observe(m, row, 'came-and-went');
}

function isGone(state: MemberState): boolean {
  return state === 'suspect' || state === 'dead';
}
