import type { Settlement } from '../delivery/settlement.ts';
import { fromBody } from '../protocol/body.ts';
import { type ErrorCode, isRetryable } from '../protocol/error-code.ts';
import type { Outcome } from './outcome.ts';

/** How an exchange ended, as programs see it. */
export function outcomeOf(settlement: Settlement): Outcome {
  const { id, elapsedMs, outcome, instance } = settlement;
  if (outcome === 'answered') {
    const decoded = fromBody(settlement.bodyKind, settlement.body);
    if (instance !== undefined && decoded.ok) {
      return { outcome, id, instance, reply: { params: settlement.params, body: decoded.value }, elapsedMs };
    }
    return unsuccessful(settlement, 'unknown', 'protocol', 'the reply cannot be read: its body is not what it says');
  }
  if (outcome === 'delivered') {
    if (instance !== undefined) return { outcome, id, instance, elapsedMs };
    return unsuccessful(settlement, 'unknown', 'protocol', 'the reply does not say who has it');
  }
  if (outcome === 'stored') return { outcome, id, elapsedMs };
  return unsuccessful(settlement, outcome, settlement.code ?? usualCodes[outcome], settlement.reason);
}

/** A settlement always has a code here; one from another version might not. */
const usualCodes = { expired: 'deadline', refused: 'failed', unknown: 'link-lost' } as const;

function unsuccessful(
  { id, elapsedMs, tried }: Settlement,
  outcome: 'expired' | 'refused' | 'unknown',
  code: ErrorCode,
  reason: string,
): Outcome {
  // Of what may have been done nobody can say that the same again is safe.
  const retryable = outcome !== 'unknown' && isRetryable(code);
  return { outcome, id, code, reason, retryable, tried, elapsedMs };
}
