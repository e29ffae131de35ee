import { FogataError } from '../protocol/fogata-error.ts';

/** Throws FogataError `invalid` for what is no signal: to find it out once something is under way would be too late. */
export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal !== undefined && !isSignal(signal)) throw new FogataError('invalid', 'signal: it is no AbortSignal');
}

function isSignal(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('aborted' in value)) return false;
  return 'addEventListener' in value && typeof value.addEventListener === 'function';
}
