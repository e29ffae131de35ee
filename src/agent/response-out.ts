import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock, Timer } from '../runtime/clock.ts';
import { atTurnEnd } from '../runtime/turn.ts';
import type { ServingInstance } from './attempt-owner.ts';
import { type ByteSink, type ByteSlots, byteSink } from './byte-sink.ts';
import { append, endToEndHeaders, HeaderNames, headerOf } from './forward-headers.ts';
import { contentLengthOf, type ResponseHead } from './http-head.ts';

/**
 * An answer so small is held until it is whole, so that its program may die over it and another one answer; what is
 * larger, or says no length, is passed on as it comes.
 */
const heldBytesMax = 65_536;

/** The longest that is held: more than a small answer takes to arrive, less than people notice. */
const heldMsMax = 100;

/** Written by this agent alone. */
const ownHeaders = new HeaderNames('fogata-instance');

/** A 204 has no body, and says none (RFC 9110, 8.6). */
const notInBodyless = new HeaderNames('content-length', 'fogata-instance');

const notInTrailers = new HeaderNames(
  ...['content-length', 'content-encoding', 'content-range', 'content-type', 'host', 'location', 'set-cookie', 'via'],
  'fogata-instance',
);

interface Held {
  readonly head: ResponseHead;
  readonly instance: ServingInstance;
  /** Undefined until the first of it has come. */
  bytes: Buffer | undefined;
  filled: number;
  timer: Timer | undefined;
}

export interface ResponseOutOptions {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly clock: Clock;
  readonly slots: ByteSlots;
  /** `/to/crm`: put before a path that an answer sends the client to. */
  readonly prefix: string;
  readonly consumed: (count: number) => void;
  /** The answer is being passed on: from now on it is this one. */
  readonly onDecided: () => void;
}

/** Passes one answer on to the client. */
export class ResponseOut {
  readonly #options: ResponseOutOptions;
  /** Of an answer that is not held; made for the first bytes of it. */
  #sink: ByteSink | undefined;
  #held: Held | undefined;
  /** Bytes of the body still to come; undefined: until it ends. */
  #left: number | undefined;
  #isDecided = false;

  constructor(options: ResponseOutOptions) {
    this.#options = options;
  }

  get isDecided(): boolean {
    return this.#isDecided;
  }

  get isEnded(): boolean {
    return this.#options.response.writableEnded;
  }

  begin(head: ResponseHead, instance: ServingInstance, mayHold: boolean): void {
    const isBodyless = this.#options.request.method === 'HEAD' || head.status === 204 || head.status === 304;
    this.#left = isBodyless ? 0 : contentLengthOf(head.headers);
    const length = this.#left;
    if (!mayHold || length === undefined || length === 0 || length > heldBytesMax) {
      this.#decide(head, instance);
      if (length === 0) this.#options.response.end();
      else this.#options.response.flushHeaders();
      return;
    }
    const held: Held = { head, instance, bytes: undefined, filled: 0, timer: undefined };
    this.#held = held;
    // Most answers are whole in the turn in which they begin, and need no timer.
    atTurnEnd(() => {
      if (this.#held === held) held.timer = this.#options.clock.schedule(heldMsMax, () => this.#release());
    });
  }

  /** False: more than was announced, which would be read as the next answer. */
  write(bytes: Uint8Array): boolean {
    const { response, slots, consumed } = this.#options;
    if (this.#left !== undefined) {
      if (bytes.length > this.#left) return false;
      this.#left -= bytes.length;
    }
    const held = this.#held;
    if (held === undefined) {
      this.#sink ??= byteSink(response, slots, consumed);
      this.#sink.write(bytes);
      if (this.#left === 0) response.end();
      return true;
    }
    if (this.#left === 0 && held.filled === 0) {
      this.#releaseWhole(held, bytes);
    } else {
      held.bytes ??= Buffer.allocUnsafe(bytes.length + (this.#left ?? 0));
      held.bytes.set(bytes, held.filled);
      held.filled += bytes.length;
      if (this.#left === 0) this.#release();
    }
    consumed(bytes.length);
    return true;
  }

  /** Only a body in chunks has room for them; what frames a message, or leads it elsewhere, is none (RFC 9110, 6.5.1). */
  trailers(trailers: readonly string[]): void {
    const { response } = this.#options;
    if (!response.headersSent || !response.chunkedEncoding) return;
    const kept = endToEndHeaders(trailers, notInTrailers);
    const pairs: [string, string][] = [];
    for (let at = 0; at + 1 < kept.length; at += 2) pairs.push([kept[at] as string, kept[at + 1] as string]);
    response.addTrailers(pairs);
  }

  /** The program has said all. False: that is less than it announced. */
  end(): boolean {
    if (this.isEnded) return true;
    if (this.#left !== undefined && this.#left > 0) return false;
    this.#options.response.end();
    return true;
  }

  /** What is held is not the answer. */
  drop(): void {
    this.#held?.timer?.cancel();
    this.#held = undefined;
  }

  #release(): void {
    const held = this.#held;
    if (held === undefined) return;
    this.drop();
    this.#decide(held.head, held.instance);
    const { response } = this.#options;
    if (held.bytes === undefined) response.flushHeaders();
    else if (this.#left === 0) response.end(held.bytes);
    else response.write(held.bytes.subarray(0, held.filled));
  }

  /** All of its body came at once; `bytes` may change after the call. */
  #releaseWhole({ head, instance }: Held, bytes: Uint8Array): void {
    this.drop();
    this.#decide(head, instance);
    this.#options.response.end(Buffer.from(bytes));
  }

  #decide(head: ResponseHead, instance: ServingInstance): void {
    this.#isDecided = true;
    this.#options.response.writeHead(head.status, head.reason, answerHeaders(head, instance, this.#options.prefix));
    this.#options.onDecided();
  }
}

/** What the client is told besides: which instance answered, and by whom it came. */
export function answerHeaders(head: ResponseHead, instance: ServingInstance, prefix: string): string[] {
  const headers = endToEndHeaders(head.headers, head.status === 204 ? notInBodyless : ownHeaders);
  if (prefix !== '') prefixLocation(headers, prefix);
  append(headers, 'via', '1.1 fogata');
  headers.push('fogata-instance', `${instance.service}@${instance.node}`);
  return headers;
}

function prefixLocation(headers: string[], prefix: string): void {
  const location = headerOf(headers, 'location');
  if (location === undefined || !location.startsWith('/') || location.startsWith('//')) return;
  const at = headers.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === 'location');
  headers[at + 1] = prefix + location;
}
