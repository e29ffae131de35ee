import {
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
  type InformationEvent,
  type RequestOptions,
} from 'node:http';
import { connect, type Socket } from 'node:net';
import type { AcceptedStream, StreamEvents } from '../delivery/mesh-stream.ts';
import type { ErrorCode } from '../protocol/error-code.ts';
import { AnswerWriter } from './answer-writer.ts';
import { type ByteSink, byteSink } from './byte-sink.ts';
import { byteTunnel, type TunnelEvents } from './byte-tunnel.ts';
import { contentLengthOf, decodeRequestHead, isInterim, type RequestHead } from './http-head.ts';
import { programError } from './program-error.ts';
import { programRequestHeaders, programResponseHeaders } from './program-headers.ts';
import type { TargetContext } from './target-context.ts';
import { pathAt } from './target-location.ts';

/** Nothing is told after a reset. */
const deaf: StreamEvents = {
  onReady() {},
  onAccept() {},
  onData() {},
  onDrain() {},
  onEnd() {},
  onFinish() {},
  onReset() {},
};

/** Asks the program what a stream asks for. */
export function openToProgram(context: TargetContext, stream: AcceptedStream): StreamEvents {
  const head = stream.head.command === 'http' ? decodeRequestHead(stream.body) : undefined;
  if (head === undefined) {
    stream.reset(stream.head.command === 'http' ? 'protocol' : 'unknown-command', 'this is no HTTP request');
    return deaf;
  }
  const path = pathAt(context.location, head.target);
  if (path === undefined) {
    stream.reset('not-allowed', 'the path leads out of what is served');
    return deaf;
  }
  const exchange = new ProgramStream(context, stream, head, path);
  exchange.start(false);
  return exchange;
}

/** One request to the program, from the open of its stream to its end. */
class ProgramStream implements StreamEvents {
  readonly #context: TargetContext;
  readonly #stream: AcceptedStream;
  readonly #head: RequestHead;
  readonly #path: string;
  readonly #answer: AnswerWriter;
  #request: ClientRequest | undefined;
  #response: IncomingMessage | undefined;
  #sink: ByteSink | undefined;
  /** Bytes of the request's body still to come; undefined: until it ends. */
  #left: number | undefined;
  #tunnel: TunnelEvents | undefined;
  #isConnected = false;
  #isUnread = false;
  #isOver = false;

  constructor(context: TargetContext, stream: AcceptedStream, head: RequestHead, path: string) {
    this.#context = context;
    this.#stream = stream;
    this.#head = head;
    this.#path = path;
    this.#answer = new AnswerWriter(stream);
    this.#left = head.framing === 'length' ? contentLengthOf(head.headers) : head.framing === 'chunked' ? undefined : 0;
  }

  /** `isFresh`: on a connection of its own, because one that was kept alive had died. */
  start(isFresh: boolean): void {
    const { location, agent } = this.#context;
    const { framing, method } = this.#head;
    const { host, port } = location;
    const isUpgrade = framing === 'upgrade';
    const options: RequestOptions = {
      host,
      port,
      method,
      path: this.#path,
      headers: programRequestHeaders(location, this.#head, this.#stream.deadlineMs),
      agent: isFresh || isUpgrade ? false : agent,
    };
    // Each side of an upgraded connection ends on its own.
    if (isUpgrade) options.createConnection = () => connect({ host, port, allowHalfOpen: true, noDelay: true });
    const request = httpRequest(options);
    this.#request = request;
    request.on('socket', (socket) => {
      if (socket.connecting) socket.once('connect', () => this.#onConnected());
      else this.#onConnected();
    });
    request.on('information', (interim) => this.#onInterim(interim));
    request.on('response', (response) => this.#onResponse(response));
    request.on('upgrade', (response, socket, first) => this.#onUpgrade(response, socket, first));
    request.on('error', (error) => this.#onError(error));
    request.on('close', () => this.#break('link-lost', 'the program closed the connection'));
    if (framing === 'none' || isUpgrade) request.end();
    else this.#sink = byteSink(request, this.#context.slots, (count) => this.#onTaken(count));
    // A conversation may begin with the program's words. A body of known length is at hand: its head goes with it.
    if (framing === 'chunked') request.flushHeaders();
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
    if (this.#tunnel === undefined) this.#response?.resume();
    else this.#tunnel.onDrain();
  }

  onEnd(): void {
    if (this.#tunnel !== undefined) this.#tunnel.onEnd();
    else if (this.#sink === undefined || this.#isUnread) return;
    else if (this.#left !== undefined && this.#left > 0) this.#break('protocol', 'the body is shorter than announced');
    else this.#request?.end();
  }

  onFinish(): void {
    this.#isOver = true;
    this.#tunnel?.onFinish();
  }

  onReset(code: ErrorCode, reason: string): void {
    this.#isOver = true;
    this.#tunnel?.onReset(code, reason);
    this.#request?.destroy();
  }

  #onConnected(): void {
    if (this.#isOver || this.#isConnected) return;
    this.#isConnected = true;
    if (!this.#isReadyLate) this.#stream.ready();
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

  /** RFC 9110, 15.2: whoever asked is told. A 100 was not asked for: the agent has said it. */
  #onInterim({ statusCode: status, statusMessage: reason, rawHeaders }: InformationEvent): void {
    if (this.#isOver || this.#response !== undefined || !isInterim(status)) return;
    const { headers } = programResponseHeaders(this.#context.location, rawHeaders);
    this.#answer.interim({ status, reason, headers });
  }

  #onResponse(response: IncomingMessage): void {
    if (this.#isOver) {
      response.resume();
      return;
    }
    this.#response = response;
    response.on('error', (error) => this.#onError(error));
    this.#accept(response);
    response.on('data', (chunk: Buffer) => {
      if (!this.#isOver && !this.#answer.body(chunk)) response.pause();
    });
    response.on('end', () => {
      if (!this.#isOver && response.complete) this.#answer.end(response.rawTrailers);
    });
  }

  #onUpgrade(response: IncomingMessage, socket: Socket, first: Uint8Array): void {
    socket.on('error', () => undefined);
    if (this.#isOver || response.statusCode !== 101) {
      socket.destroy();
      this.#break('protocol', 'the program switched protocols unasked');
      return;
    }
    this.#accept(response);
    this.#tunnel = byteTunnel(socket, this.#stream, this.#context.slots, [first]);
  }

  #accept(response: IncomingMessage): void {
    const { headers, load } = programResponseHeaders(this.#context.location, response.rawHeaders);
    if (load !== undefined) this.#context.onLoad(load);
    const head = { status: response.statusCode ?? 502, reason: response.statusMessage ?? '', headers };
    this.#answer.begin(head, response.headers.trailer !== undefined);
  }

  #onError(error: Error): void {
    if (this.#isOver) return;
    const request = this.#request;
    const { code, reason, isRefused } = programError(error, this.#isConnected);
    if (isRefused) this.#context.onRefused();
    // The program had closed an idle connection just when it was used again: it has not seen this request.
    const wasStale = request?.reusedSocket === true && !this.#hasHeard() && code === 'link-lost';
    if (wasStale && this.#head.framing === 'none' && this.#stream.idempotent) {
      request.removeAllListeners('close');
      this.start(true);
      return;
    }
    this.#break(code, reason);
  }

  #hasHeard(): boolean {
    return this.#response !== undefined || this.#answer.hasBegun;
  }

  #break(code: ErrorCode, reason: string): void {
    if (this.#isOver || this.#tunnel !== undefined) return;
    if (this.#response?.complete === true) {
      // The answer is whole and will be passed on. What more comes of the body, nobody reads: a reset would cut the answer.
      this.#isUnread = this.#request?.writableFinished !== true;
      return;
    }
    this.#isOver = true;
    if (this.#isConnected) this.#stream.ready();
    this.#stream.reset(code, reason);
    this.#request?.destroy();
  }
}
