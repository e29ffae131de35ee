import type { FogataError } from '../protocol/fogata-error.ts';

/** What `fogata` exits with. */
export const ExitCode = {
  good: 0,
  /** It ran, and the outcome was not good. */
  failed: 1,
  /** It was asked for something that makes no sense. */
  usage: 2,
  noAgent: 3,
  interrupted: 130,
} as const;

export function exitCodeOf({ code }: FogataError): number {
  if (code === 'no-agent') return ExitCode.noAgent;
  return code === 'invalid' || code === 'config' || code === 'too-large' ? ExitCode.usage : ExitCode.failed;
}
