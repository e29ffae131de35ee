import type { IncomingMessage } from 'node:http';
import type { Address } from '../protocol/address.ts';
import { addForwarded, append, endToEndHeaders } from './forward-headers.ts';
import { encodeHead, type RequestHead } from './http-head.ts';

/** What a client asks for, as it goes to the mesh. */
export interface ProxyRequest {
  readonly to: Address;
  readonly head: RequestHead;
  readonly encodedHead: Uint8Array;
  readonly idempotent: boolean;
  /** `/to/crm`, or `''`. */
  readonly prefix: string;
  readonly deadlineMs: number;
  /** The deadline is for how long nothing moves; else for all of it, until the answer's head. */
  readonly isStallTimed: boolean;
}

export type ProxyRequestResult =
  | { readonly ok: true; readonly what: ProxyRequest }
  | { readonly ok: false; readonly status: number; readonly reason: string };

/** Until the answer's head: what browsers and load balancers grant, and less than most clients wait. */
const deadlineMsDefault = 30_000;
const deadlineMsMax = 86_400_000;

/** More agents than any sensible chain of services: a request that comes back to its own agent goes round for ever. */
const viaMax = 16;

/** An open carries at most 64 KiB. */
const headBytesMax = 65_536;

const idempotentMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

/** For this agent, not for the program. `expect` was answered by the agent; the program's Host is its own. */
const notPassedOn: ReadonlySet<string> = new Set(['expect', 'fogata-deadline-ms', 'fogata-idempotent', 'host']);

export interface RequestPlace {
  readonly service: string;
  readonly node: string;
  readonly path: string;
  readonly prefix: string;
}

export function proxyRequestOf(request: IncomingMessage, place: RequestPlace, isUpgrade: boolean): ProxyRequestResult {
  const { headers: given } = request;
  const method = request.method ?? 'GET';
  if ((given.via?.split(/fogata\b/).length ?? 0) > viaMax) {
    return { ok: false, status: 508, reason: 'the request has come back too often: a service leads to its own agent' };
  }
  const deadlineMs = deadlineOf(given['fogata-deadline-ms']);
  if (deadlineMs === undefined) {
    return { ok: false, status: 400, reason: `fogata-deadline-ms is a number from 1 to ${deadlineMsMax}` };
  }
  const headers = endToEndHeaders(request.rawHeaders, notPassedOn);
  append(headers, 'via', '1.1 fogata');
  addForwarded(headers, { address: request.socket.remoteAddress, host: given.host, prefix: place.prefix });
  if (isUpgrade && given.upgrade !== undefined) headers.push('upgrade', given.upgrade);
  const framing = isUpgrade ? 'upgrade' : framingOf(request);
  const head: RequestHead = { method, target: place.path, headers, framing };
  const encodedHead = encodeHead(head);
  if (encodedHead.length > headBytesMax) {
    return { ok: false, status: 431, reason: `the headers have more than ${headBytesMax} bytes together` };
  }
  const idempotent =
    idempotentMethods.has(method) || given['idempotency-key'] !== undefined || given['fogata-idempotent'] === '1';
  const isStallTimed = given['fogata-deadline-ms'] === undefined && (framing === 'chunked' || framing === 'length');
  const to = { service: place.service, node: place.node };
  return { ok: true, what: { to, head, encodedHead, idempotent, prefix: place.prefix, deadlineMs, isStallTimed } };
}

function deadlineOf(text: string | readonly string[] | undefined): number | undefined {
  if (text === undefined) return deadlineMsDefault;
  if (typeof text !== 'string' || !/^\d{1,8}$/.test(text)) return undefined;
  const ms = Number(text);
  return ms >= 1 && ms <= deadlineMsMax ? ms : undefined;
}

function framingOf(request: IncomingMessage): RequestHead['framing'] {
  if (request.headers['transfer-encoding'] !== undefined) return 'chunked';
  const length = request.headers['content-length'];
  return length === undefined || Number(length) === 0 ? 'none' : 'length';
}
