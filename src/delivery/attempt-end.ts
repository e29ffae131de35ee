import type { ErrorCode } from '../protocol/error-code.ts';
import type { OutcomeWord } from '../protocol/reply-head.ts';
import type { AttemptEnd } from '../selection/instance-track.ts';
import type { Chooser } from './chooser.ts';
import { type Exchange, wasNotExecuted } from './exchange.ts';

/** What a settled reply tells of the instance that gave it. Its own `invalid` or `not-allowed` is an answer like any other. */
export function endOfReply(outcome: OutcomeWord, code: ErrorCode | undefined): AttemptEnd {
  if (outcome === 'unknown') return 'failed';
  if (outcome === 'expired') return 'expired';
  return outcome === 'refused' && (code === undefined || code === 'failed') ? 'failed' : 'answered';
}

/** What an attempt that came to nothing tells of its instance. */
export function endOfFailure(code: ErrorCode): AttemptEnd {
  if (code === 'unreachable' || code === 'link-lost') return 'unreachable';
  return wasNotExecuted(code) ? 'refused' : 'failed';
}

/** An attempt after one that ended so is paid for: what the service has had work with, or no room for, is more of it. */
export function isCharged(code: ErrorCode): boolean {
  return code === 'busy' || code === 'failed';
}

/** What a reset in place of an accept tells of the instance. */
export function endOfReset(code: ErrorCode): AttemptEnd {
  if (code === 'deadline') return 'expired';
  const isAnswer = code === 'not-allowed' || code === 'invalid' || code === 'unknown-command' || code === 'too-large';
  return isAnswer ? 'answered' : endOfFailure(code);
}

/** What failed at two instances will fail at the third: then it is the work and not the instance. */
const failedMax = 2;

/**
 * Whether an answer that is a failure may be left, and the work be done elsewhere: it is idempotent, there is another
 * instance, and the service's budget for further attempts is not used up. An instance that fails at once must not reach
 * the callers only because it is quick.
 */
export function isRepeatable(
  { request, only, attempts, chosen, avoid }: Exchange,
  outcome: OutcomeWord,
  code: ErrorCode | undefined,
  chooser: Chooser,
): boolean {
  if (!request.idempotent || outcome !== 'refused' || (code ?? 'failed') !== 'failed') return false;
  if (only !== undefined || chosen === undefined || attempts > failedMax) return false;
  return chooser.isAnother(request.to, 'messages', chosen.node, avoid);
}
