import { headerOf } from './forward-headers.ts';

/** The head of an HTTP request as it travels in the body of an open [C1]. Header names and values alternate. */
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

/** The head of an HTTP response as it travels in the body of an accept [C1]. */
export interface ResponseHead {
  /** 101 only for an upgrade; 102 to 199 for an interim answer, which another follows; else 200 to 599. */
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly string[];
  /** What follows is in parts [C1]. Always so after an interim answer. */
  readonly inParts?: boolean;
}

/** Ends each text: it may stand in none of them. */
const end = '\0';

// What Node writes as it is: tokens, visible characters, blanks and the upper half of Latin-1.
const headerPairs = /^(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+\0[\t\x20-\x7e\x80-\xff]*\0)*$/;
const requestStart = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)\0(\*|\/[\x21-\x7e\x80-\xff]*)\0(none|chunked|length|upgrade)\0/;
const responseStart = /^([1-5]\d\d)\0([\t\x20-\x7e\x80-\xff]*)\0(whole|parts)\0/;

/** A head, or trailers: names and values in turn. All of it is Latin-1, as it came from an HTTP connection. */
export function encodeHead(head: RequestHead | ResponseHead | readonly string[]): Uint8Array {
  return Buffer.from(startOf(head) + textsOf('headers' in head ? head.headers : head), 'latin1');
}

function startOf(head: RequestHead | ResponseHead | readonly string[]): string {
  if ('method' in head) return `${head.method}\0${head.target}\0${head.framing}\0`;
  return 'status' in head ? `${head.status}\0${head.reason}\0${head.inParts === true ? 'parts' : 'whole'}\0` : '';
}

function textsOf(headers: readonly string[]): string {
  let texts = '';
  for (const text of headers) texts += text + end;
  return texts;
}

/** Total: what another node sends is only a request when each part may stand on an HTTP connection as it is. */
export function decodeRequestHead(bytes: Uint8Array): RequestHead | undefined {
  const text = latin1Of(bytes);
  const [start = '', method = '', target = '', said] = requestStart.exec(text) ?? [];
  if (start === '' || method === 'CONNECT') return undefined;
  const framing = said as RequestHead['framing'];
  const headers = headersIn(text, start.length);
  if (headers === undefined || !isFramed(headers, framing)) return undefined;
  return { method, target, headers, framing };
}

/** Total, as `decodeRequestHead`. */
export function decodeResponseHead(bytes: Uint8Array): ResponseHead | undefined {
  const text = latin1Of(bytes);
  const [start = '', digits, reason = '', extent] = responseStart.exec(text) ?? [];
  const status = Number(digits);
  const inParts = extent === 'parts';
  if (start === '' || status === 100 || (isInterim(status) && !inParts)) return undefined;
  const headers = headersIn(text, start.length);
  if (headers === undefined) return undefined;
  return inParts ? { status, reason, headers, inParts } : { status, reason, headers };
}

/** Total, as `decodeRequestHead`. */
export function decodeTrailers(bytes: Uint8Array): readonly string[] | undefined {
  return headersIn(latin1Of(bytes), 0);
}

/** Another answer follows on the same request (RFC 9110, 15.2). */
export function isInterim(status: number): boolean {
  return status > 101 && status < 200;
}

function latin1Of({ buffer, byteOffset, length }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, length).toString('latin1');
}

function headersIn(text: string, from: number): string[] | undefined {
  if (!headerPairs.test(text.slice(from))) return undefined;
  const headers: string[] = [];
  let lengths = 0;
  for (let at = from; at < text.length; ) {
    const nameEnd = text.indexOf(end, at);
    const valueEnd = text.indexOf(end, nameEnd + 1);
    const name = text.slice(at, nameEnd);
    const value = text.slice(nameEnd + 1, valueEnd);
    at = valueEnd + 1;
    headers.push(name, value);
    if (name.length !== 14 || name.toLowerCase() !== 'content-length') continue;
    // Two lengths, or one that readers take differently, would make two messages of one.
    lengths += 1;
    if (lengths > 1 || !/^\d{1,15}$/.test(value)) return undefined;
  }
  return headers;
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
