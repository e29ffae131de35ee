import { isStrategy } from '../api/wishes-of.ts';
import { type LabelSelector, parseAddress } from '../protocol/address.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { deadlineMsMax, deadlineMsMin } from '../protocol/limits.ts';
import { type Strategy, strategies } from '../selection/strategy.ts';

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

/** `fogata-strategy`. Throws FogataError `invalid`. */
export function strategyOf(text: string | undefined): Strategy | undefined {
  if (text === undefined || isStrategy(text)) return text;
  throw new FogataError('invalid', `fogata-strategy is one of ${strategies.join(', ')}, not ${JSON.stringify(text)}`);
}

/** `fogata-labels`, as `version=2,zone=a`. Throws FogataError `invalid`. */
export function labelsOf(text: string | undefined): LabelSelector | undefined {
  if (text === undefined) return undefined;
  const parsed = parseAddress(`a[${text.trim()}]`);
  if (parsed.ok && parsed.address.node === '') return parsed.address.labels;
  throw new FogataError('invalid', `fogata-labels: ${parsed.ok ? 'labels only, no node' : parsed.reason}`);
}

/** `fogata-hedge`: `true`, `false` or milliseconds. Throws FogataError `invalid`. */
export function hedgeOf(text: string | undefined): boolean | number | undefined {
  if (text === undefined || text === 'false') return undefined;
  if (text === 'true') return true;
  if (/^\d{1,8}$/.test(text)) return Number(text);
  throw new FogataError('invalid', `fogata-hedge is true, false or milliseconds, not ${JSON.stringify(text)}`);
}
