import type { PublishedAt } from '../delivery/publish-settlement.ts';
import type { FailedAttempt } from '../delivery/settlement.ts';
import { type Body, fromBody, type JsonValue, toBody } from '../protocol/body.ts';
import { type ErrorCode, isErrorCode } from '../protocol/error-code.ts';
import { outcomeWords } from '../protocol/reply-head.ts';

/**
 * What a reply (frame 7) from an agent to its program says beyond its head, as a JSON body. A reply that is `answered`
 * bears the instance's own body; every other has none of its own, so the place is free:
 * `{"tried": […]}` for an exchange, `{"instances": […]}` for a publish. A publish gets one reply for all; its head says
 * `delivered` when every instance has it, else the first other outcome, and is what a program that reads no body needs.
 */
export function triedBody(tried: readonly FailedAttempt[]): Body {
  return tried.length === 0 ? toBody(undefined) : toBody({ tried: tried.map((attempt) => ({ ...attempt })) });
}

export function publishedBody(instances: readonly PublishedAt[]): Body {
  try {
    return toBody({ instances: instances.map((each) => ({ ...each })) });
  } catch {
    // Of thousands that each say why at length no body holds all: without the reasons it does.
    return toBody({ instances: instances.map(({ reason: _reason, ...each }) => each) });
  }
}

/** Never throws: what cannot be read was not tried. */
export function readTried(body: Body): readonly FailedAttempt[] {
  return rowsOf(body, 'tried').flatMap((row) => {
    const { service, node, reason } = row;
    if (typeof service !== 'string' || typeof node !== 'string') return [];
    return [{ service, node, code: codeOf(row) ?? 'failed', reason: typeof reason === 'string' ? reason : '' }];
  });
}

/** Never throws: a row that cannot be read is left out. */
export function readPublished(body: Body): readonly PublishedAt[] {
  return rowsOf(body, 'instances').flatMap((row) => {
    const { outcome, service, node, reason } = row;
    if (!isPublishedWord(outcome) || typeof service !== 'string' || typeof node !== 'string') return [];
    const code = codeOf(row);
    const why = typeof reason === 'string' ? { reason } : {};
    return [{ service, node, outcome, ...why, ...(code === undefined ? {} : { code }) }];
  });
}

type Row = Readonly<Record<string, JsonValue | undefined>>;

function rowsOf(body: Body, field: string): readonly Row[] {
  const decoded = body.kind === 'json' ? fromBody(body.kind, body.bytes) : undefined;
  if (decoded === undefined || !decoded.ok || !isRow(decoded.value)) return [];
  const rows = decoded.value[field];
  return Array.isArray(rows) ? rows.filter(isRow) : [];
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

function codeOf({ code }: Row): ErrorCode | undefined {
  return typeof code === 'string' && isErrorCode(code) ? code : undefined;
}

function isPublishedWord(value: unknown): value is PublishedAt['outcome'] {
  return value !== 'answered' && outcomeWords.some((word) => word === value);
}
