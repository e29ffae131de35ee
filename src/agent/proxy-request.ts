import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { wishesOf } from '../api/wishes-of.ts';
import type { ChoiceWish } from '../delivery/chooser.ts';
import type { Address, LabelSelector } from '../protocol/address.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import type { Strategy } from '../selection/strategy.ts';
import { addForwarded, append, endToEndHeaders, HeaderNames } from './forward-headers.ts';
import { encodeHead, type RequestHead } from './http-head.ts';
import { deadlineMsOf, idempotentOf, labelsOf, strategyOf } from './message-headers.ts';

/** What a client asks for, as it goes to the mesh. */
export interface ProxyRequest {
  readonly to: Address;
  readonly head: RequestHead;
  readonly encodedHead: Uint8Array;
  readonly idempotent: boolean;
  readonly wish: ChoiceWish | undefined;
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

/** More agents than any sensible chain of services: a request that comes back to its own agent goes round for ever. */
const viaMax = 16;

/** An open carries at most 64 KiB. */
const headBytesMax = 65_536;

const idempotentMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

/** For this agent, not for the program. `expect` was answered by the agent; the program's Host is its own. */
const notPassedOn = new HeaderNames(
  'expect',
  'fogata-deadline-ms',
  'fogata-idempotent',
  'fogata-labels',
  'fogata-sticky',
  'fogata-strategy',
  'host',
);

/** What the client says of its request in headers that go no farther. */
interface RequestWishes {
  readonly deadlineMs: number | undefined;
  readonly idempotent: boolean;
  readonly labels: LabelSelector | undefined;
  readonly wish: ChoiceWish | undefined;
}

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
  const wishes = headersOf(given);
  if (wishes instanceof FogataError) return { ok: false, status: 400, reason: wishes.message };
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
  const idempotent = idempotentMethods.has(method) || given['idempotency-key'] !== undefined || wishes.idempotent;
  const isStallTimed = wishes.deadlineMs === undefined && (framing === 'chunked' || framing === 'length');
  const deadlineMs = wishes.deadlineMs ?? deadlineMsDefault;
  const { labels, wish } = wishes;
  const { service, node } = place;
  const to = labels === undefined ? { service, node } : { service, node, labels };
  return {
    ok: true,
    what: { to, head, encodedHead, idempotent, wish, prefix: place.prefix, deadlineMs, isStallTimed },
  };
}

function headersOf(headers: IncomingHttpHeaders): RequestWishes | FogataError {
  try {
    const deadlineMs = deadlineMsOf(headers['fogata-deadline-ms']?.toString());
    const strategy = strategyOf(headers['fogata-strategy']?.toString());
    const sticky = headers['fogata-sticky']?.toString();
    const wish = strategy === undefined && sticky === undefined ? undefined : wishOf(strategy, sticky);
    const labels = labelsOf(headers['fogata-labels']?.toString());
    return { deadlineMs, idempotent: idempotentOf(headers['fogata-idempotent']?.toString()), labels, wish };
  } catch (error) {
    return FogataError.from(error);
  }
}

function wishOf(strategy: Strategy | undefined, sticky: string | undefined): ChoiceWish | undefined {
  const options = { ...(strategy === undefined ? {} : { strategy }), ...(sticky === undefined ? {} : { sticky }) };
  return wishesOf(options, 'open').wish;
}

function framingOf(request: IncomingMessage): RequestHead['framing'] {
  if (request.headers['transfer-encoding'] !== undefined) return 'chunked';
  const length = request.headers['content-length'];
  return length === undefined || Number(length) === 0 ? 'none' : 'length';
}
