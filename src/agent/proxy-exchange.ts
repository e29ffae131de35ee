import type { IncomingMessage, ServerResponse } from 'node:http';
import type { OpenedStream } from '../delivery/mesh-stream.ts';
import type { FogataNode } from '../node/node.ts';
import type { ErrorCode } from '../protocol/error-code.ts';
import type { Clock, Timer } from '../runtime/clock.ts';
import type { AttemptOwner, ServingInstance } from './attempt-owner.ts';
import type { ByteSlots } from './byte-sink.ts';
import type { ResponseHead } from './http-head.ts';
import { type ProblemFacts, problemOf, sendProblem } from './problem.ts';
import type { ProxyRequest } from './proxy-request.ts';
import { RequestBody } from './request-body.ts';
import { ResponseOut } from './response-out.ts';
import { ServiceAttempts } from './service-attempts.ts';
import { writeInterim } from './write-interim.ts';

export interface ProxyExchangeOptions {
  readonly node: FogataNode;
  readonly clock: Clock;
  readonly slots: ByteSlots;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly what: ProxyRequest;
  /** The client waits for `100 Continue` before it sends its body. */
  readonly expectsContinue: boolean;
  /** Takes a 101 over; undefined where none was asked for. */
  readonly switchTo:
    | ((head: ResponseHead, instance: ServingInstance, stream: OpenedStream) => SwitchedEvents)
    | undefined;
}

/** Who gets the bytes after a 101. */
export type SwitchedEvents = Pick<AttemptOwner, 'onData' | 'onDrain' | 'onEnd' | 'onFinish' | 'onBroken'>;

/** One HTTP request of a program on this host, from its head to the end of its answer. */
export class ProxyExchange implements AttemptOwner {
  readonly #options: ProxyExchangeOptions;
  readonly #attempts: ServiceAttempts;
  readonly #out: ResponseOut;
  readonly #body: RequestBody | undefined;
  #switched: SwitchedEvents | undefined;
  #continued = false;
  #stallTimer: Timer | undefined;

  constructor(options: ProxyExchangeOptions) {
    const { node, clock, what, request, response, slots } = options;
    this.#options = options;
    const { to, head, idempotent, wish, prefix } = what;
    const deadlineAt = clock.now() + (what.isStallTimed ? Number.POSITIVE_INFINITY : what.deadlineMs);
    this.#attempts = new ServiceAttempts(
      { node, clock, to, wish, body: what.encodedHead, idempotent, isWhole: head.framing === 'none', deadlineAt },
      this,
    );
    this.#body =
      head.framing === 'chunked' || head.framing === 'length' ? new RequestBody(request, clock, idempotent) : undefined;
    const consumed = (count: number): void => this.#attempts.stream?.consumed(count);
    const onDecided = (): void => this.#onDecided();
    this.#out = new ResponseOut({ request, response, clock, slots, prefix, consumed, onDecided });
    response.on('close', () => this.#onClientClose());
    request.on('error', () => undefined);
    if (this.#body !== undefined) {
      request.on('close', () => {
        if (!request.complete) this.#onClientClose();
      });
    }
    if (what.isStallTimed) this.#watchStall(what.deadlineMs);
  }

  start(): void {
    this.#attempts.start();
  }

  get isUndecided(): boolean {
    return !this.#out.isDecided && this.#switched === undefined;
  }

  get isReplayable(): boolean {
    return this.#body === undefined || this.#body.isReplayable;
  }

  onReady(stream: OpenedStream): void {
    if (this.#body === undefined) return;
    if (this.#options.expectsContinue && !this.#continued) {
      this.#continued = true;
      this.#options.response.writeContinue();
    }
    this.#body.passTo(stream);
  }

  onAnswer(head: ResponseHead, instance: ServingInstance): void {
    const { switchTo, what } = this.#options;
    const { stream } = this.#attempts;
    if (head.status === 101) {
      if (switchTo === undefined || stream === undefined) {
        this.#attempts.reject('it switches to another protocol, which was not asked for');
        return;
      }
      this.#onDecided();
      this.#switched = switchTo(head, instance, stream);
      return;
    }
    // Refused to switch: what follows is an ordinary answer, and there is nothing more to send.
    if (what.head.framing === 'upgrade') stream?.end();
    this.#out.begin(head, instance, what.idempotent && this.isReplayable);
  }

  onInterim(head: ResponseHead): void {
    writeInterim(this.#options.request, this.#options.response, head);
  }

  onTrailers(trailers: readonly string[]): void {
    this.#out.trailers(trailers);
  }

  onData(bytes: Uint8Array): void {
    if (this.#switched !== undefined) this.#switched.onData(bytes);
    else if (!this.#out.write(bytes)) this.#breach('longer than it announced');
  }

  onDrain(): void {
    if (this.#switched !== undefined) this.#switched.onDrain();
    else this.#body?.resume();
  }

  onEnd(): void {
    if (this.#switched !== undefined) this.#switched.onEnd();
    else if (!this.#out.end()) this.#breach('shorter than it announced');
  }

  onFinish(): void {
    this.#switched?.onFinish();
  }

  onRetry(): void {
    this.#out.drop();
    this.#body?.stop();
  }

  onBroken(code: ErrorCode, reason: string): void {
    if (this.#switched !== undefined) this.#switched.onBroken(code, reason);
    else if (this.#out.isEnded) this.#body?.discard();
    else breakOff(this.#options.response);
  }

  onFailed(facts: ProblemFacts): void {
    this.#stallTimer?.cancel();
    this.#out.drop();
    sendProblem(this.#options.response, problemOf(facts));
    this.#body?.discard();
  }

  #onDecided(): void {
    this.#stallTimer?.cancel();
    this.#body?.forget();
  }

  #onClientClose(): void {
    if (this.#switched !== undefined) return;
    const { request, response } = this.#options;
    // After a whole answer the body may still be on its way: the program may want it.
    if (response.writableFinished && (this.#body === undefined || request.complete || !request.destroyed)) return;
    this.#stallTimer?.cancel();
    this.#out.drop();
    this.#attempts.cancel('the client went away');
  }

  #breach(what: string): void {
    const reason = `the answer is ${what}`;
    if (this.isUndecided) {
      this.#attempts.reject(reason);
      return;
    }
    this.#attempts.cancel(reason);
    if (this.#out.isEnded) this.#body?.discard();
    else breakOff(this.#options.response);
  }

  /** The time a body takes is the client's; what is limited is how long nothing moves that the mesh should move. */
  #watchStall(limitMs: number): void {
    const { clock } = this.#options;
    const body = this.#body;
    if (body === undefined) return;
    const check = (): void => {
      const idleMs = body.isClientsTurn ? 0 : clock.now() - body.movedAt;
      if (idleMs >= limitMs) this.#attempts.expire(`nothing moved for ${limitMs} ms`);
      else this.#stallTimer = clock.schedule(limitMs - idleMs, check);
    };
    this.#stallTimer = clock.schedule(limitMs, check);
  }
}

/** The client must not take what it has for the whole. Where only the connection's end says so, it must not end in order. */
function breakOff(response: ServerResponse): void {
  const { socket } = response;
  const isDelimited = response.chunkedEncoding || response.hasHeader('content-length');
  if (!isDelimited && socket?.remoteAddress !== undefined) socket.resetAndDestroy();
  else response.destroy();
}
