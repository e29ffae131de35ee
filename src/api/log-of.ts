import { FogataError } from '../protocol/fogata-error.ts';
import { type Log, silentLog } from '../runtime/log.ts';

const levels = ['debug', 'info', 'warn', 'error'] as const;

/** The log a program gave; without one nothing is said. Throws FogataError `invalid` for what is none: it would throw where nobody waits for it. */
export function logOf(given: Log | undefined): Log {
  if (given === undefined) return silentLog;
  const missing = levels.find((level) => typeof (given as Partial<Log> | null)?.[level] !== 'function');
  if (missing === undefined) return given;
  throw new FogataError('invalid', `log: it has no function ${missing}`);
}
