import { type ErrorCode, isErrorCode, isRetryable } from './error-code.ts';

export interface FogataErrorOptions {
  /** What was caught. Kept apart from the message, so that it can be logged and not leaked. */
  readonly cause?: unknown;
  /** Default: as the code says. Whoever knows more (a broken link under an idempotent message) says so. */
  readonly retryable?: boolean;
}

/** What the system's errors mean here. What is not listed is `failed`. */
const codesOfSystemErrors: ReadonlyMap<string, ErrorCode> = new Map([
  ['EADDRINUSE', 'address-in-use'],
  ['ECONNREFUSED', 'unreachable'],
  ['EHOSTUNREACH', 'unreachable'],
  ['EHOSTDOWN', 'unreachable'],
  ['ENETUNREACH', 'unreachable'],
  ['ENETDOWN', 'unreachable'],
  ['ETIMEDOUT', 'unreachable'],
  ['ENOTFOUND', 'unreachable'],
  ['EAI_AGAIN', 'unreachable'],
  ['ECONNRESET', 'link-lost'],
  ['ECONNABORTED', 'link-lost'],
  ['EPIPE', 'link-lost'],
  ['ENOSPC', 'storage'],
  ['EDQUOT', 'storage'],
  ['EROFS', 'storage'],
  ['EIO', 'storage'],
  ['ABORT_ERR', 'cancelled'],
]);

/** The one class of operating errors. Its code is one of a closed set (docs/errors.md). */
export class FogataError extends Error {
  override readonly name = 'FogataError';
  readonly code: ErrorCode;
  /** It was not done, and the same again may well succeed. */
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, options: FogataErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? isRetryable(code);
  }

  /**
   * The funnel: whatever was thrown becomes a FogataError; one that already is passes unchanged, unless a program has given it
   * a code or a message that is none. Total, for what programs throw may throw in turn when it is looked at.
   */
  static from(thrown: unknown): FogataError {
    try {
      if (thrown instanceof FogataError && isSound(thrown)) return thrown;
      if (thrown instanceof Error) return new FogataError(codeOf(thrown), thrown.message, { cause: thrown });
    } catch {
      // Nothing can be said of it but what it is.
    }
    return new FogataError('failed', textOf(thrown), { cause: thrown });
  }
}

function isSound({ code, message }: { readonly code: unknown; readonly message: unknown }): boolean {
  return typeof code === 'string' && isErrorCode(code) && typeof message === 'string';
}

function codeOf(error: Error): ErrorCode {
  if (error.name === 'AbortError') return 'cancelled';
  if (error.name === 'TimeoutError') return 'deadline';
  const code = 'code' in error ? error.code : undefined;
  return (typeof code === 'string' ? codesOfSystemErrors.get(code) : undefined) ?? 'failed';
}

/** Total: a thrown object's own `toString` may throw in turn. */
function textOf(thrown: unknown): string {
  if (typeof thrown === 'string') return thrown;
  return `something that is no Error was thrown (${thrown === null ? 'null' : typeof thrown})`;
}
