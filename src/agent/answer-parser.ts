import { areHeaderLines, factsOf, headersOf } from './answer-headers.ts';

/** As Node's own parser: a longer head is a fault of the program. Likewise all trailers together. */
export const answerHeadBytesMax = 16_384;

/** A chunk's size, and extensions that nobody reads. */
export const chunkLineBytesMax = 1_024;

/** What an answer of a program begins with. */
export interface AnswerStart {
  readonly status: number;
  readonly reason: string;
  /** Names and values in turn, as they came. */
  readonly headers: readonly string[];
}

/** What a program answers. Any of these may stop the parser. */
export interface AnswerParserEvents {
  /** 100, and 102 to 199: another one follows. */
  onInterim(start: AnswerStart): void;
  onStart(start: AnswerStart): void;
  /** Valid only during the call. `isLast`: the answer is whole with it, and without trailers. */
  onBody(bytes: Uint8Array, isLast: boolean): void;
  /** The answer is whole. `trailers`: names and values in turn. */
  onEnd(trailers: readonly string[]): void;
  /** 101: what follows is the other protocol's. Only where it may. */
  onSwitch(start: AnswerStart, first: Uint8Array): void;
}

type State = 'head' | 'counted' | 'size' | 'chunk' | 'crlf' | 'trailers' | 'rest' | 'done';

const statusLine = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: ([\t\x20-\x7e\x80-\xff]*))?\r\n/;
const sizeLine = /^([0-9A-Fa-f]{1,13})[\t ]*(?:;[\t\x20-\x7e\x80-\xff]*)?\r\n$/;
/** A blank before the first header (RFC 9112, 2.2): what it says would be read by some and not by others. */
const foldedStart = /^[^\r\n]*\r?\n[\t ]/;
const noTrailers: readonly string[] = [];
const lf = 10;
const cr = 13;

/**
 * The client's side of HTTP/1.1 (RFC 9112), for the answers of one connection, one after the other and however they are cut.
 * Of a body nothing is kept, of a head or trailers at most `answerHeadBytesMax`.
 */
export class AnswerParser {
  readonly #events: AnswerParserEvents;
  #state: State = 'done';
  #isBodyless = false;
  #maySwitch = false;
  #isStopped = false;
  #isKept = false;
  #keepAliveMs = Number.POSITIVE_INFINITY;
  /** Of the body or chunk. */
  #left = 0;
  /** Of a head, or of a line, what has come. */
  #held = '';
  #trailerText = '';
  /** So much of `#held` cannot hold its end. */
  #searched = 0;

  constructor(events: AnswerParserEvents) {
    this.#events = events;
  }

  /** A request was made. `maySwitch`: to another protocol. */
  begin(isHead: boolean, maySwitch: boolean): void {
    this.#state = 'head';
    this.#isBodyless = isHead;
    this.#maySwitch = maySwitch;
    this.#isStopped = false;
    this.#held = this.#trailerText = '';
    this.#searched = 0;
  }

  /** The connection may be used again: the answer is whole, its end is certain, and the program did not say otherwise. */
  get isKept(): boolean {
    return this.#state === 'done' && this.#isKept;
  }

  /** How long the program says that it keeps the connection. */
  get keepAliveMs(): number {
    return this.#keepAliveMs;
  }

  /** Bytes of the body that are sure to come; undefined: not known. */
  get bodyLeft(): number | undefined {
    if (this.#state === 'counted') return this.#left;
    return this.#state === 'done' ? 0 : undefined;
  }

  /** Nothing more is told. */
  stop(): void {
    this.#isStopped = true;
    this.#isKept = false;
  }

  /** Returns what is wrong. What comes after the end of the answer is none of it: the connection is not kept. */
  push(bytes: Buffer): string | undefined {
    let at = 0;
    while (at < bytes.length && !this.#isStopped) {
      const next = this.#step(bytes, at);
      if (typeof next === 'string') {
        this.stop();
        return next;
      }
      at = next;
    }
    return undefined;
  }

  /** The connection has ended. False: in the middle of the answer. */
  end(): boolean {
    if (this.#isStopped || this.#state === 'done') return true;
    if (this.#state !== 'rest') return false;
    this.#finish(noTrailers);
    return true;
  }

  #step(bytes: Buffer, at: number): number | string {
    switch (this.#state) {
      case 'head':
        return this.#takeHead(bytes, at);
      case 'size':
      case 'crlf':
      case 'trailers':
        return this.#collectLine(bytes, at);
      case 'done':
        this.#isKept = false;
        return bytes.length;
      default:
        return this.#takeBody(bytes, at);
    }
  }

  #takeBody(bytes: Buffer, at: number): number {
    const state = this.#state;
    const end = state === 'rest' ? bytes.length : Math.min(bytes.length, at + this.#left);
    if (state !== 'rest') this.#left -= end - at;
    const isLast = state === 'counted' && this.#left === 0;
    this.#events.onBody(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end), isLast);
    if (this.#left > 0 || state === 'rest' || this.#isStopped) return end;
    if (state === 'chunk') this.#state = 'crlf';
    else this.#finish(noTrailers);
    return end;
  }

  #takeHead(bytes: Buffer, from: number): number | string {
    let at = from;
    // Some programs leave a line end behind the body before.
    if (this.#held === '') while (at < bytes.length && (bytes[at] === cr || bytes[at] === lf)) at += 1;
    const end = this.#held === '' ? bytes.indexOf('\r\n\r\n', at, 'latin1') : -1;
    if (end >= 0 && end + 4 - at <= answerHeadBytesMax) {
      const text = bytes.toString('latin1', at, end + 2);
      const line = statusLine.exec(text);
      if (line !== null && areHeaderLines(text.slice(line[0].length))) return this.#begin(line, text, end + 4, bytes);
    }
    return this.#collectHead(bytes, at);
  }

  /** A head that comes in pieces, or is written in a way that is rare. */
  #collectHead(bytes: Buffer, at: number): number | string {
    const before = this.#held.length;
    this.#held += bytes.toString('latin1', at, Math.min(bytes.length, at + answerHeadBytesMax - before));
    const blank = /\n\r?\n/g;
    blank.lastIndex = this.#searched;
    const found = blank.exec(this.#held);
    if (found === null) {
      this.#searched = Math.max(0, this.#held.length - 2);
      return this.#held.length >= answerHeadBytesMax ? 'a head that is too long' : bytes.length;
    }
    if (foldedStart.test(this.#held)) return 'a malformed head';
    // RFC 9112, 2.2 and 5.2: a lone line feed is a line end as well, and a folded value has a blank where it was folded.
    const text = this.#held
      .slice(0, found.index + 1)
      .replace(/\r?\n/g, '\r\n')
      .replace(/\r\n[\t ]+/g, ' ');
    const next = at + found.index + found[0].length - before;
    this.#held = '';
    this.#searched = 0;
    const line = statusLine.exec(text);
    if (line === null || !areHeaderLines(text.slice(line[0].length))) return 'a malformed head';
    return this.#begin(line, text, next, bytes);
  }

  /** `next` is where in `bytes` the rest begins. */
  #begin(line: RegExpExecArray, text: string, next: number, bytes: Buffer): number | string {
    const [whole, minor, digits, reason = ''] = line;
    const start: AnswerStart = { status: Number(digits), reason, headers: headersOf(text, whole.length) };
    const { status } = start;
    if (status === 101) {
      if (!this.#maySwitch) return 'a switch of protocols that nobody asked for';
      this.#state = 'done';
      this.#isKept = false;
      this.stop();
      this.#events.onSwitch(start, bytes.subarray(next));
      return bytes.length;
    }
    if (status < 200) {
      this.#events.onInterim(start);
      return next;
    }
    const fault = this.#frame(start, minor === '1');
    if (fault !== undefined) return fault;
    this.#events.onStart(start);
    if (this.#state === 'done' && !this.#isStopped) this.#finish(noTrailers);
    return next;
  }

  /** RFC 9112, 6.3: where the body ends. */
  #frame({ status, headers }: AnswerStart, isLasting: boolean): string | undefined {
    const facts = factsOf(headers);
    if (facts === undefined) return 'a length that is none, or two of them';
    const { length, isChunked, isClosing, isKeeping } = facts;
    if (isChunked === undefined) return 'a transfer coding that nobody asked for';
    if (isChunked && length !== undefined) return 'both a length and chunks';
    this.#isKept = !isClosing && (isLasting || (isKeeping && !isChunked));
    this.#keepAliveMs = facts.keepAliveMs;
    this.#left = 0;
    if (this.#isBodyless || status === 204 || status === 304 || length === 0) this.#state = 'done';
    else if (isChunked) this.#state = 'size';
    else if (length !== undefined) {
      this.#left = length;
      this.#state = 'counted';
    } else {
      this.#state = 'rest';
      this.#isKept = false;
    }
    return undefined;
  }

  #collectLine(bytes: Buffer, at: number): number | string {
    const feed = bytes.indexOf(lf, at);
    const end = feed < 0 ? bytes.length : feed + 1;
    const max = this.#state === 'trailers' ? answerHeadBytesMax : chunkLineBytesMax;
    if (this.#held.length + end - at > max) return 'a line that is too long';
    this.#held += bytes.toString('latin1', at, end);
    if (feed < 0) return end;
    const line = this.#held;
    this.#held = '';
    return this.#takeLine(line) ?? end;
  }

  /** Returns what is wrong with it. */
  #takeLine(line: string): string | undefined {
    if (this.#state === 'size') return this.#takeSize(line);
    if (this.#state === 'trailers') return this.#takeTrailer(line);
    this.#state = 'size';
    return line === '\r\n' ? undefined : 'a chunk longer than its size';
  }

  #takeSize(line: string): string | undefined {
    const size = sizeLine.exec(line)?.[1];
    if (size === undefined) return 'a malformed chunk';
    this.#left = Number.parseInt(size, 16);
    this.#state = this.#left === 0 ? 'trailers' : 'chunk';
    return undefined;
  }

  #takeTrailer(line: string): string | undefined {
    if (line !== '\r\n') {
      this.#trailerText += line;
      if (!areHeaderLines(line)) return 'malformed trailers';
      return this.#trailerText.length > answerHeadBytesMax ? 'trailers that are too long' : undefined;
    }
    this.#finish(this.#trailerText === '' ? noTrailers : headersOf(this.#trailerText, 0));
    return undefined;
  }

  #finish(trailers: readonly string[]): void {
    this.#state = 'done';
    this.#events.onEnd(trailers);
  }
}
