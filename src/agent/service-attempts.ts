import { isCharged } from '../delivery/attempt-end.ts';
import type { ChoiceWish } from '../delivery/chooser.ts';
import type { OpenedStream, StreamEvents, StreamHead } from '../delivery/mesh-stream.ts';
import type { FailedAttempt } from '../delivery/settlement.ts';
import { httpCommand } from '../delivery/stream-receiver.ts';
import type { FogataNode, OpenRequest } from '../node/node.ts';
import type { Address } from '../protocol/address.ts';
import { type ErrorCode, isRetryable } from '../protocol/error-code.ts';
import { noTexts } from '../protocol/text-record.ts';
import type { Clock, Timer } from '../runtime/clock.ts';
import { type AnswerEvents, AnswerReader } from './answer-reader.ts';
import type { AttemptOwner, ServingInstance } from './attempt-owner.ts';
import { decodeResponseHead, isInterim, type ResponseHead } from './http-head.ts';

export interface AttemptsOptions {
  readonly node: FogataNode;
  readonly clock: Clock;
  readonly to: Address;
  readonly wish: ChoiceWish | undefined;
  /** The request's head, encoded. */
  readonly body: Uint8Array;
  readonly idempotent: boolean;
  /** Nothing follows the head. */
  readonly isWhole: boolean;
  /** By the clock; until the answer's head. Infinity for none. */
  readonly deadlineAt: number;
}

/** The first and three more: an instance that is gone, its neighbour on the same host, and one in reserve. */
const attemptsMax = 4;

/** Answers that are left because they are failures. */
const failedMax = 2;

/** The same elsewhere would fare no better, or nobody waits for it any more. */
const finalCodes: ReadonlySet<ErrorCode> = new Set(['deadline', 'cancelled', 'not-allowed', 'too-large', 'invalid']);

/** Said in place of the first credit, these say that the program was not asked. */
const unaskedCodes: ReadonlySet<ErrorCode> = new Set(['not-allowed', 'invalid', 'unknown-command', 'too-large']);

/** Opens a stream to the best instance, and to another as long as that is safe, until one answers. */
export class ServiceAttempts implements StreamEvents {
  readonly tried: FailedAttempt[] = [];
  readonly #options: AttemptsOptions;
  readonly #owner: AttemptOwner;
  readonly #avoid: string[] = [];
  #stream: OpenedStream | undefined;
  #instance: ServingInstance = { service: '', node: '' };
  /** Of an answer that has any. */
  #parts: AnswerReader | undefined;
  /** While only interim answers have come. */
  #interimTimer: Timer | undefined;
  #isReady = false;
  #isOpening = false;
  #early: { readonly code: ErrorCode; readonly reason: string } | undefined;

  constructor(options: AttemptsOptions, owner: AttemptOwner) {
    this.#options = options;
    this.#owner = owner;
  }

  /** Undefined when there is none at the moment, or it has ended. */
  get stream(): OpenedStream | undefined {
    return this.#stream;
  }

  start(): void {
    const { node, clock, to, wish, body, idempotent, isWhole, deadlineAt } = this.#options;
    const deadlineMs = deadlineAt - clock.now();
    if (deadlineMs <= 0) {
      this.#fail('deadline', 'the deadline passed');
      return;
    }
    this.#forgetAnswer();
    this.#isReady = false;
    this.#isOpening = true;
    const request: OpenRequest = {
      to,
      command: httpCommand,
      params: noTexts,
      bodyKind: 'bytes',
      body,
      idempotent,
      deadlineMs,
      fromService: '',
      avoid: this.#avoid,
      wish,
      isEnded: isWhole,
    };
    const result = node.open(request, this);
    this.#isOpening = false;
    if (!result.ok) {
      const last = this.tried.at(-1);
      if (last === undefined) this.#fail(result.code, result.reason);
      else this.#fail(last.code, last.reason);
      return;
    }
    this.#stream = result.stream;
    this.#instance = result.instance;
    if (this.#early !== undefined) this.onReset(this.#early.code, this.#early.reason);
  }

  /** Nobody waits for an answer any more. */
  cancel(reason: string): void {
    this.#forgetAnswer();
    const stream = this.#stream;
    this.#stream = undefined;
    stream?.reset('cancelled', reason);
  }

  /** Takes too long: ends in `onFailed`. */
  expire(reason: string): void {
    this.#forgetAnswer();
    const stream = this.#stream;
    stream?.reset('deadline', reason);
    this.#note('deadline', reason);
    this.#fail('deadline', reason);
    this.#stream = undefined;
  }

  /** The answer is none: breaks off and tries elsewhere, or fails. */
  reject(reason: string): void {
    this.#stream?.reset('protocol', reason);
    this.onReset('protocol', reason);
  }

  onReady(): void {
    this.#isReady = true;
    if (this.#stream !== undefined) this.#owner.onReady(this.#stream);
  }

  onAccept(head: StreamHead, instance: ServingInstance): void {
    this.#instance = instance;
    const decoded = decodeResponseHead(head.body);
    if (decoded === undefined) {
      this.#onFault('no HTTP response');
      return;
    }
    if (decoded.inParts === true) this.#parts = new AnswerReader(decoded, this.#partEvents());
    if (isInterim(decoded.status)) this.#onInterim(decoded);
    else this.#onFinal(decoded);
  }

  onData(bytes: Uint8Array): void {
    if (this.#parts === undefined) this.#owner.onData(bytes);
    else this.#parts.push(bytes);
  }

  onDrain(): void {
    this.#owner.onDrain();
  }

  onEnd(): void {
    if (this.#parts === undefined) this.#owner.onEnd();
    else this.#parts.end();
  }

  onFinish(): void {
    this.#stream = undefined;
    this.#owner.onFinish();
  }

  onReset(code: ErrorCode, reason: string): void {
    this.#forgetAnswer();
    if (this.#isOpening) {
      this.#early = { code, reason };
      return;
    }
    this.#early = undefined;
    this.#note(code, reason);
    if (!this.#owner.isUndecided) {
      this.#stream = undefined;
      this.#owner.onBroken(code, reason);
      return;
    }
    if (this.#mayTryAgain(code)) {
      this.#stream = undefined;
      this.#avoid.push(this.#instance.node);
      this.#owner.onRetry();
      this.start();
      return;
    }
    this.#fail(code, reason);
    this.#stream = undefined;
  }

  #mayTryAgain(code: ErrorCode): boolean {
    if (finalCodes.has(code) || this.tried.length >= attemptsMax) return false;
    if (this.#hasBegun(code) && !(this.#options.idempotent && this.#owner.isReplayable)) return false;
    const { node, to } = this.#options;
    return !isCharged(code) || node.mayTryElsewhere(to, 'http', undefined);
  }

  /**
   * Whether an answer that is a failure may be left for another instance's: all of it can be done again, another one is well,
   * and the service's budget has it. What failed twice will fail again: then it is the request and not the instance.
   */
  #mayLeave(failing: string): boolean {
    const { node, to, idempotent } = this.#options;
    const { isUndecided, isReplayable } = this.#owner;
    if (!idempotent || !isUndecided || !isReplayable || this.tried.length >= failedMax) return false;
    return node.mayTryElsewhere(to, 'http', [...this.tried.map(nodeOf), failing]);
  }

  #partEvents(): AnswerEvents {
    const owner = this.#owner;
    return {
      onInterim: (head) => this.#onInterim(head),
      onFinal: (head) => this.#onFinal(head),
      onData: (bytes) => owner.onData(bytes),
      onTrailers: (trailers) => owner.onTrailers(trailers),
      onEnd: () => owner.onEnd(),
      onFault: (what) => this.#onFault(what),
      onConsumed: (count) => this.#stream?.consumed(count),
    };
  }

  #onFault(what: string): void {
    this.#stream?.blame();
    this.reject(`the answer of ${this.#instance.node} is ${what}`);
  }

  #onFinal(head: ResponseHead): void {
    this.#interimTimer?.cancel();
    const { node } = this.#instance;
    const isFailure = isFault(head.status);
    if (isFailure) this.#stream?.blame();
    if (isFailure && this.#mayLeave(node)) this.#leave(`${node} answered ${head.status}`);
    else this.#owner.onAnswer(head, this.#instance);
  }

  /** The stream's own deadline ended with its accept. */
  #onInterim(head: ResponseHead): void {
    const { clock, deadlineAt } = this.#options;
    if (this.#interimTimer === undefined && deadlineAt !== Number.POSITIVE_INFINITY) {
      const leftMs = Math.max(0, deadlineAt - clock.now());
      this.#interimTimer = clock.schedule(leftMs, () => this.expire('the deadline passed'));
    }
    this.#owner.onInterim(head);
  }

  #forgetAnswer(): void {
    this.#parts?.stop();
    this.#parts = undefined;
    this.#interimTimer?.cancel();
    this.#interimTimer = undefined;
  }

  #leave(reason: string): void {
    const stream = this.#stream;
    this.#stream = undefined;
    this.#note('failed', reason);
    this.#avoid.push(this.#instance.node);
    stream?.reset('cancelled', 'tried elsewhere');
    this.#owner.onRetry();
    this.start();
  }

  /** True when a program may have acted on the last attempt. */
  #hasBegun(code: ErrorCode): boolean {
    if (this.#stream?.begun() !== true) return false;
    return this.#isReady || !(isRetryable(code) || unaskedCodes.has(code));
  }

  #note(code: ErrorCode, reason: string): void {
    this.tried.push({ service: this.#instance.service, node: this.#instance.node, code, reason });
  }

  #fail(code: ErrorCode, detail: string): void {
    const hasBegun = this.#hasBegun(code);
    const isExpired = code === 'deadline' && (!hasBegun || this.#options.idempotent);
    const outcome = isExpired ? 'expired' : hasBegun ? 'unknown' : 'refused';
    this.#owner.onFailed({ code, detail, outcome, service: this.#options.to.service, tried: this.tried });
  }
}

function nodeOf({ node }: FailedAttempt): string {
  return node;
}

/** The program failed, or cannot now. 501 and 505 are about what was asked: every instance would say so. */
function isFault(status: number): boolean {
  return status >= 500 && status !== 501 && status !== 505;
}
