import { FogataError } from '../protocol/fogata-error.ts';
import { deadlineMsMax, deadlineMsMin } from '../protocol/limits.ts';

// What a client says of its request beside it, to a service and to the agent's own API alike.

/** `fogata-deadline-ms`; undefined without one. Throws FogataError `invalid`. */
export function deadlineMsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = /^\d{1,8}$/.test(text) ? Number(text) : 0;
  if (ms >= deadlineMsMin && ms <= deadlineMsMax) return ms;
  const range = `${deadlineMsMin} to ${deadlineMsMax}`;
  throw new FogataError('invalid', `fogata-deadline-ms is a whole number from ${range}, not ${JSON.stringify(text)}`);
}

/** `fogata-idempotent`. Throws FogataError `invalid`: who misspells it must not believe that it was understood. */
export function idempotentOf(text: string | undefined): boolean {
  if (text === undefined || text === 'false' || text === '0') return false;
  if (text === 'true' || text === '1') return true;
  throw new FogataError('invalid', `fogata-idempotent is true or false, not ${JSON.stringify(text)}`);
}
