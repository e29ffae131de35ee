import { endToEndHeaders, HeaderNames, headerOf } from './forward-headers.ts';
import type { RequestHead } from './http-head.ts';
import { type TargetLocation, withoutLocation } from './target-location.ts';

/** Set here: what a peer says of them counts for nothing. */
const setHere = new HeaderNames('host', 'fogata-deadline-ms');
const notPassedOn = new HeaderNames('fogata-load');

/** Methods of which servers expect a body, so that its absence must be said. */
const bodyMethods: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);

/** Headers for the program. Its Host is its own: many programs answer to no other name. */
export function programRequestHeaders(location: TargetLocation, head: RequestHead, deadlineMs: number): string[] {
  const kept = endToEndHeaders(head.headers, setHere);
  const headers = ['host', location.authority, ...kept];
  if (Number.isFinite(deadlineMs)) headers.push('fogata-deadline-ms', `${Math.max(1, Math.floor(deadlineMs))}`);
  if (head.framing === 'chunked') headers.push('transfer-encoding', 'chunked');
  if (head.framing === 'none' && bodyMethods.has(head.method) && headerOf(kept, 'content-length') === undefined) {
    headers.push('content-length', '0');
  }
  if (head.framing === 'upgrade') {
    headers.push('connection', 'Upgrade', 'upgrade', headerOf(head.headers, 'upgrade') ?? '');
  }
  return headers;
}

/** Headers of the program's answer, and the load it published with it. */
export function programResponseHeaders(
  location: TargetLocation,
  raw: readonly string[],
): { readonly headers: readonly string[]; readonly load: number | undefined } {
  const headers = endToEndHeaders(raw, notPassedOn);
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = headers[at] as string;
    if (name.length !== 8 || name.toLowerCase() !== 'location') continue;
    headers[at + 1] = withoutLocation(location, headers[at + 1] as string);
  }
  return { headers, load: loadOf(headerOf(raw, 'fogata-load')) };
}

/** 0 to 1; undefined for what is no such number. */
export function loadOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^(?:0(?:\.\d+)?|1(?:\.0+)?)$/.test(text)) return undefined;
  return Number(text);
}
