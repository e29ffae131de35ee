import { headerOf } from './forward-headers.ts';

/** The head of an HTTP request as it travels in the body of an open. Header names and values alternate. */
export interface RequestHead {
  readonly method: string;
  /** Path and query, or `*`. */
  readonly target: string;
  readonly headers: readonly string[];
  /**
   * `none`: no body follows. `chunked`: one of unknown length. `length`: as the content-length header says.
   * `upgrade`: no body, and after a 101 both sides send raw bytes.
   */
  readonly framing: 'none' | 'chunked' | 'length' | 'upgrade';
}

/** The head of an HTTP response as it travels in the body of an accept. */
export interface ResponseHead {
  /** 101 only for an upgrade; 102 to 199 for an interim answer, which another follows; else 200 to 599. */
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly string[];
  /** What follows is in parts [C1]. Always so after an interim answer. */
  readonly inParts?: boolean;
}

const framings: readonly unknown[] = ['none', 'chunked', 'length', 'upgrade'];
const decoder = new TextDecoder('utf-8', { fatal: true });

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
// What Node writes as it is: visible characters, blanks and the upper half of Latin-1.
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/;
const requestTarget = /^(?:\*|\/[\x21-\x7e\x80-\xff]*)$/;

/** A head, or trailers: names and values in turn. */
export function encodeHead(head: RequestHead | ResponseHead | readonly string[]): Uint8Array {
  return Buffer.from(JSON.stringify(head));
}

/** Total: what another node sends is only a request when each part may stand on an HTTP connection as it is. */
export function decodeRequestHead(bytes: Uint8Array): RequestHead | undefined {
  const value = parse(bytes);
  if (value === undefined) return undefined;
  const { method, target, headers, framing } = value;
  if (typeof method !== 'string' || !token.test(method) || method === 'CONNECT') return undefined;
  if (typeof target !== 'string' || !requestTarget.test(target)) return undefined;
  if (!isFraming(framing) || !areHeaders(headers) || !isFramed(headers, framing)) return undefined;
  return { method, target, headers, framing };
}

/** Total, as `decodeRequestHead`. */
export function decodeResponseHead(bytes: Uint8Array): ResponseHead | undefined {
  const value = parse(bytes);
  if (value === undefined) return undefined;
  const { status, reason, headers, inParts = false } = value;
  if (typeof status !== 'number' || !Number.isInteger(status)) return undefined;
  if (status < 101 || status > 599 || typeof inParts !== 'boolean') return undefined;
  if (isInterim(status) && !inParts) return undefined;
  if (typeof reason !== 'string' || !fieldValue.test(reason) || !areHeaders(headers)) return undefined;
  return inParts ? { status, reason, headers, inParts } : { status, reason, headers };
}

/** Total, as `decodeRequestHead`. */
export function decodeTrailers(bytes: Uint8Array): readonly string[] | undefined {
  const value: unknown = parse(bytes);
  return areHeaders(value) ? value : undefined;
}

/** Another answer follows on the same request (RFC 9110, 15.2). */
export function isInterim(status: number): boolean {
  return status > 101 && status < 200;
}

function parse(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(decoder.decode(bytes));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function areHeaders(value: unknown): value is string[] {
  if (!Array.isArray(value) || value.length % 2 !== 0) return false;
  let lengths = 0;
  for (let at = 0; at < value.length; at += 2) {
    const name: unknown = value[at];
    const text: unknown = value[at + 1];
    if (typeof name !== 'string' || !token.test(name) || typeof text !== 'string' || !fieldValue.test(text))
      return false;
    if (name.length !== 14 || name.toLowerCase() !== 'content-length') continue;
    // Two lengths, or one that readers take differently, would make two messages of one.
    lengths += 1;
    if (lengths > 1 || !/^\d{1,15}$/.test(text)) return false;
  }
  return true;
}

function isFraming(value: unknown): value is RequestHead['framing'] {
  return framings.includes(value);
}

/** A program that reads another length than is sent takes the rest for the next request, or the next request for the rest. */
function isFramed(headers: readonly string[], framing: RequestHead['framing']): boolean {
  const length = contentLengthOf(headers);
  if (framing === 'length') return length !== undefined;
  return length === undefined || (length === 0 && framing !== 'chunked');
}

/** What the content-length header says; undefined without one. */
export function contentLengthOf(headers: readonly string[]): number | undefined {
  const text = headerOf(headers, 'content-length');
  return text === undefined ? undefined : Number(text);
}
