import { FogataError } from '../protocol/fogata-error.ts';
import type { AnsweredReply, Outcome } from './outcome.ts';

/**
 * The reply, for callers who treat everything else as an error: `const { body } = answered(await mesh.call(…))`.
 * Throws FogataError with the outcome's code, and its word first in the message.
 */
export function answered<ReplyBody>(outcome: Outcome<ReplyBody>): AnsweredReply<ReplyBody> {
  if (outcome.outcome === 'answered') return outcome.reply;
  if (outcome.outcome === 'delivered' || outcome.outcome === 'stored') {
    throw new FogataError('invalid', `${outcome.outcome}, and no reply was asked for: use call()`);
  }
  const { code, reason, retryable } = outcome;
  throw new FogataError(code, `${outcome.outcome} (${code}): ${reason}`, { retryable });
}
