import { noteStall } from './health.ts';
import type { Machine } from './machine.ts';

/**
 * To be called with each input. What is late by more than a probe timeout was not looked at in time because this node was
 * not running; the others did not die in the meantime.
 */
export function advance(m: Machine, now: number): void {
  m.now = Math.max(m.now, now);
  const late = m.now - (m.wakeAt + m.lostMs);
  if (late > m.timing.probeTimeoutMs) {
    m.lostMs += late;
    m.counters.lateTicks++;
    m.time = Math.max(m.time, m.now - m.lostMs);
    noteStall(m, late);
  }
  m.time = Math.max(m.time, m.now - m.lostMs);
  // What is due by the caller's reckoning is due here too: sums of fractions must not put it off for ever.
  if (late >= 0) m.time = Math.max(m.time, m.wakeAt);
}
