import type { Machine } from './machine.ts';
import type { Row } from './row.ts';

/** [M15] Its host completed a handshake of this node a moment ago, and its process has said nothing for less than a minute. */
export function isFrozenHere(m: Machine, row: Row): boolean {
  const { frozenMs, probeDeadlineMs } = m.timing;
  return m.time - row.acceptedAt < 2 * probeDeadlineMs && m.time - row.frozenSince < frozenMs;
}
