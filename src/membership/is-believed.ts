import type { NodeId } from '../protocol/ids.ts';
import type { Machine } from './machine.ts';

/** Probe deadlines after its return in which a member's word of others may still be what it believed while it was cut off. */
const doubtedFor = 2;

/**
 * [M13] Whether its word against others counts. Of one that is dead here, or was a moment ago, it does not: who was cut off
 * takes all others for dead, and says so before it knows better.
 */
export function isBelieved(m: Machine, accuser: NodeId): boolean {
  if (accuser === m.self.id) return true;
  const row = m.table.rows.get(accuser);
  return row !== undefined && row.liveIndex >= 0 && m.time - row.backAt >= doubtedFor * m.timing.probeDeadlineMs;
}
