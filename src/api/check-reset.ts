import { isErrorCode } from '../protocol/error-code.ts';
import { FogataError } from '../protocol/fogata-error.ts';

/** What a program says as it breaks off a stream. Throws FogataError `invalid` for a code that is none, or a reason that is no text. */
export function checkReset(code: unknown, reason: unknown): void {
  if (typeof code !== 'string' || !isErrorCode(code)) {
    throw new FogataError(
      'invalid',
      `a stream is reset with an error code, not ${JSON.stringify(code) ?? typeof code}`,
    );
  }
  if (typeof reason !== 'string') throw new FogataError('invalid', 'the reason of a reset is a text');
}
