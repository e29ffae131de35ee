import type { CheckState } from '../../api/check-state.ts';
import { cutUtf8 } from '../../protocol/utf8.ts';

/** What one run of a check found. */
export interface CheckResult {
  readonly state: CheckState;
  /** For people; at most `outputBytesMax`. */
  readonly output: string;
  /** False where a busy host may look the same: a time-out. */
  readonly isCertain: boolean;
  /** Nobody listens there: asking again costs next to nothing. */
  readonly isAbsent: boolean;
}

/** Of what a check says: enough for a line of a monitoring plugin and what it adds, for each check of a host. */
export const outputBytesMax = 4_096;

/** Tries once; tells the result at most once, later. Returns how to give up: then nothing of it goes on. */
export type Probe = (done: (result: CheckResult) => void) => () => void;

export function checkResult(state: CheckState, output: string): CheckResult {
  return { state, output: cutUtf8(output, outputBytesMax), isCertain: true, isAbsent: false };
}

/** What an error of a socket means. */
export function failedResult(thrown: Error): CheckResult {
  // A stream of HTTP/2 tells what became of its connection as its cause.
  const error = thrown.cause instanceof Error ? thrown.cause : thrown;
  const code = 'code' in error ? error.code : undefined;
  const isTimeout = code === 'ETIMEDOUT';
  return { ...checkResult('critical', error.message), isCertain: !isTimeout, isAbsent: code === 'ECONNREFUSED' };
}

export function timedOut(timeoutMs: number): CheckResult {
  return { ...checkResult('critical', `no answer within ${timeoutMs} ms`), isCertain: false };
}
