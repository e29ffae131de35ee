import type { ErrorCode } from '../protocol/error-code.ts';
import type { OutcomeWord } from '../protocol/reply-head.ts';
import type { AttemptEnd } from '../selection/instance-track.ts';
import { wasNotExecuted } from './exchange.ts';

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
