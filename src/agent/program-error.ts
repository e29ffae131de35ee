import type { ErrorCode } from '../protocol/error-code.ts';
import { FogataError } from '../protocol/fogata-error.ts';

/** What went wrong between the agent and the program. */
export interface ProgramError {
  readonly code: ErrorCode;
  /** For people. Without addresses: it is read on other hosts. */
  readonly reason: string;
  /** Nobody listens there. */
  readonly isRefused: boolean;
}

/** `wasConnected`: from then on the program may have begun. */
export function programError(error: Error, wasConnected: boolean): ProgramError {
  const system = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (!wasConnected) {
    return { code: 'unreachable', reason: `the program is not reached (${system || error.message})`, isRefused: true };
  }
  if (system.startsWith('HPE_')) {
    const reason = `what the program answered is no HTTP (${system})`;
    return { code: 'failed', reason, isRefused: false };
  }
  const code = FogataError.from(error).code === 'link-lost' ? 'link-lost' : 'failed';
  return { code, reason: `the program broke off (${system || error.message})`, isRefused: false };
}
