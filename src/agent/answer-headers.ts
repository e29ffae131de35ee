const headerLines = /^(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e\x80-\xff]*\r\n)*$/;

/** True for header lines that may stand on an HTTP connection as they are, each with its line end. */
export function areHeaderLines(text: string): boolean {
  return headerLines.test(text);
}

/** Names and values in turn, of lines that are such from `from` on. */
export function headersOf(text: string, from: number): string[] {
  const headers: string[] = [];
  for (let at = from; at < text.length; ) {
    const colon = text.indexOf(':', at);
    const end = text.indexOf('\r\n', colon);
    headers.push(text.slice(at, colon), valueOf(text, colon + 1, end));
    at = end + 2;
  }
  return headers;
}

/** Without the blanks around it. `trim` would take a byte of a letter in UTF-8 for one. */
function valueOf(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}

/** What an answer's headers say of its body and its connection. */
export interface AnswerFacts {
  readonly length: number | undefined;
  /** Undefined: it is in a coding that is not understood. */
  readonly isChunked: boolean | undefined;
  readonly isClosing: boolean;
  readonly isKeeping: boolean;
  readonly keepAliveMs: number;
}

/** Undefined: it says its length twice, or no number for it. */
export function factsOf(headers: readonly string[]): AnswerFacts | undefined {
  let length: number | undefined;
  let isChunked: boolean | undefined = false;
  let options = '';
  let keepAlive = '';
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] as string;
    const value = headers[at + 1] as string;
    if (name.length === 14 && name.toLowerCase() === 'content-length') {
      if (length !== undefined || !/^\d{1,15}$/.test(value)) return undefined;
      length = Number(value);
    } else if (name.length === 17 && name.toLowerCase() === 'transfer-encoding') {
      const coding = value.toLowerCase();
      if (coding !== 'identity') isChunked = coding === 'chunked' && isChunked === false ? true : undefined;
    } else if (name.length === 10) {
      const lower = name.toLowerCase();
      if (lower === 'connection') options += `,${value.toLowerCase()}`;
      else if (lower === 'keep-alive') keepAlive ||= value;
    }
  }
  const seconds = keepAlive === '' ? undefined : /\btimeout=(\d{1,9})/i.exec(keepAlive)?.[1];
  return {
    length,
    isChunked,
    isClosing: /,[\t ]*close[\t ]*(?:,|$)/.test(options),
    isKeeping: /,[\t ]*keep-alive[\t ]*(?:,|$)/.test(options),
    keepAliveMs: seconds === undefined ? Number.POSITIVE_INFINITY : Number(seconds) * 1_000,
  };
}
