import type { Socket } from 'node:net';
import { deafEvents } from '../delivery/deaf-events.ts';
import type { AcceptedStream, StreamEvents } from '../delivery/mesh-stream.ts';
import type { ErrorCode } from '../protocol/error-code.ts';
import type { AnswerStart } from './answer-parser.ts';
import { AnswerWriter } from './answer-writer.ts';
import { type ByteSink, byteSink } from './byte-sink.ts';
import { byteTunnel, type TunnelEvents } from './byte-tunnel.ts';
import { headerOf } from './forward-headers.ts';
import { contentLengthOf, decodeRequestHead, isInterim, type RequestHead } from './http-head.ts';
import { programError } from './program-error.ts';
import { programRequestHeaders, programResponseHeaders } from './program-headers.ts';
import type { ConnectionUser, TargetConnection } from './target-connection.ts';
import type { TargetContext } from './target-context.ts';
import { pathAt } from './target-location.ts';

/** Asks the program what a stream asks for. */
export function openToProgram(context: TargetContext, stream: AcceptedStream): StreamEvents {
  const head = stream.head.command === 'http' ? decodeRequestHead(stream.body) : undefined;
  if (head === undefined) {
    stream.reset(stream.head.command === 'http' ? 'protocol' : 'unknown-command', 'this is no HTTP request');
    return deafEvents;
  }
  const path = pathAt(context.location, head.target);
  if (path === undefined) {
    stream.reset('not-allowed', 'the path leads out of what is served');
    return deafEvents;
  }
  const exchange = new ProgramStream(context, stream, head, path);
  exchange.start(false);
  return exchange;
}

/** One request to the program, from the open of its stream to its end. */
class ProgramStream implements StreamEvents, ConnectionUser {
  readonly #context: TargetContext;
  readonly #stream: AcceptedStream;
  readonly #head: RequestHead;
  readonly #path: string;
  readonly #answer: AnswerWriter;
  #connection: TargetConnection | undefined;
  #sink: ByteSink | undefined;
  /** Bytes of the request's body still to come; undefined: until it ends. */
  #left: number | undefined;
  #tunnel: TunnelEvents | undefined;
  #isConnected = false;
  #isAnswering = false;
  #isAnswered = false;
  #isUnread = false;
  #isOver = false;

  constructor(context: TargetContext, stream: AcceptedStream, head: RequestHead, path: string) {
    this.#context = context;
    this.#stream = stream;
    this.#head = head;
    this.#path = path;
    this.#answer = new AnswerWriter(stream, context.slots);
    this.#left = head.framing === 'length' ? contentLengthOf(head.headers) : head.framing === 'chunked' ? undefined : 0;
  }

  /** `isFresh`: on a connection of its own, because one that was kept alive had died. */
  start(isFresh: boolean): void {
    const { connections, slots } = this.#context;
    const { framing } = this.#head;
    const isUpgrade = framing === 'upgrade';
    const connection = isFresh || isUpgrade ? connections.open(isUpgrade) : connections.take();
    this.#connection = connection;
    if (framing === 'chunked' || framing === 'length') {
      this.#sink = byteSink(connection, slots, (count) => this.#onTaken(count));
    }
    connection.request(this, this.#headText(), this.#head);
  }

  #headText(): string {
    const { location } = this.#context;
    const headers = programRequestHeaders(location, this.#head, this.#stream.deadlineMs);
    let text = `${this.#head.method} ${this.#path} HTTP/1.1\r\n`;
    for (let at = 0; at < headers.length; at += 2) text += `${headers[at] as string}: ${headers[at + 1] as string}\r\n`;
    // Said although it goes without saying: servers that know HTTP/1.0 only close without it.
    return this.#head.framing === 'upgrade' ? `${text}\r\n` : `${text}connection: keep-alive\r\n\r\n`;
  }

  onReady(): void {}

  onAccept(): void {}

  onData(bytes: Uint8Array): void {
    if (this.#tunnel !== undefined) {
      this.#tunnel.onData(bytes);
      return;
    }
    if (this.#isUnread) {
      this.#stream.consumed(bytes.length);
      return;
    }
    const left = this.#left;
    if (left !== undefined && bytes.length > left) {
      this.#break('protocol', 'the body is longer than its content-length');
      return;
    }
    if (left !== undefined) this.#left = left - bytes.length;
    this.#sink?.write(bytes);
  }

  onDrain(): void {
    if (this.#tunnel === undefined) this.#connection?.resume();
    else this.#tunnel.onDrain();
  }

  onEnd(): void {
    if (this.#tunnel !== undefined) this.#tunnel.onEnd();
    else if (this.#sink === undefined || this.#isUnread) return;
    else if (this.#left !== undefined && this.#left > 0) this.#break('protocol', 'the body is shorter than announced');
    else this.#connection?.endRequest();
  }

  onFinish(): void {
    this.#isOver = true;
    this.#tunnel?.onFinish();
  }

  onReset(code: ErrorCode, reason: string): void {
    this.#isOver = true;
    this.#tunnel?.onReset(code, reason);
    this.#connection?.destroy();
  }

  onConnected(): void {
    if (this.#isOver || this.#isConnected) return;
    this.#isConnected = true;
    if (!this.#isReadyLate) this.#stream.ready();
  }

  /** RFC 9110, 15.2: whoever asked is told. A 100 was not asked for: the agent has said it. */
  onInterim({ status, reason, headers: raw }: AnswerStart): void {
    if (this.#isOver || !isInterim(status)) return;
    const { headers } = programResponseHeaders(this.#context.location, raw);
    this.#answer.interim({ status, reason, headers });
  }

  onAnswer(start: AnswerStart): void {
    if (!this.#isOver) this.#accept(start);
  }

  onBody(bytes: Uint8Array, isLast: boolean): void {
    if (this.#isOver) return;
    if (isLast) this.#answer.lastOfBody(bytes);
    else if (!this.#answer.body(bytes)) this.#connection?.pause();
  }

  onWhole(trailers: readonly string[]): void {
    this.#isAnswered = true;
    if (!this.#isOver) this.#answer.end(trailers);
  }

  onSwitch(start: AnswerStart, socket: Socket, first: Uint8Array): void {
    if (this.#isOver) {
      socket.destroy();
      return;
    }
    this.#accept(start);
    this.#tunnel = byteTunnel(socket, this.#stream, this.#context.slots, [first]);
  }

  onFault(fault: string): void {
    this.#break('failed', `what the program answered is no HTTP (${fault})`);
  }

  onLost(error: Error): void {
    if (this.#isOver) return;
    const connection = this.#connection;
    const { code, reason, isRefused } = programError(error, this.#isConnected);
    if (isRefused) this.#context.onRefused();
    // The program had closed an idle connection just when it was used again: it has not seen this request.
    const hasHeard = this.#isAnswering || this.#answer.hasBegun;
    const wasStale = connection?.isReused === true && !hasHeard && code === 'link-lost';
    if (wasStale && (this.#isReadyLate || connection.isUnasked)) this.#startAfresh();
    else this.#break(code, reason);
  }

  /** It may be the next request's: what this one's client does concerns it no more. */
  onFree(): void {
    this.#connection = undefined;
  }

  #startAfresh(): void {
    this.#isConnected = false;
    this.start(true);
  }

  /**
   * The first credit says that the program is reached. Where nothing waits for it and all may be asked again, the answer says
   * as much, and so does a reset that follows it at once: a frame, a write and a wake-up less for most requests.
   */
  get #isReadyLate(): boolean {
    return this.#head.framing === 'none' && this.#stream.idempotent;
  }

  #onTaken(count: number): void {
    if (!this.#isOver) this.#stream.consumed(count);
  }

  #accept({ status, reason, headers: raw }: AnswerStart): void {
    this.#isAnswering = true;
    const { headers, load } = programResponseHeaders(this.#context.location, raw);
    if (load !== undefined) this.#context.onLoad(load);
    this.#answer.begin({ status, reason, headers }, headerOf(raw, 'trailer') !== undefined);
  }

  #break(code: ErrorCode, reason: string): void {
    if (this.#isOver || this.#tunnel !== undefined) return;
    if (this.#isAnswered) {
      // The answer is whole and will be passed on. What more comes of the body, nobody reads: a reset would cut the answer.
      this.#isUnread = true;
      return;
    }
    this.#isOver = true;
    if (this.#isConnected) this.#stream.ready();
    this.#stream.reset(code, reason);
    this.#connection?.destroy();
  }
}
