import { PartReader } from './answer-parts.ts';
import { decodeResponseHead, decodeTrailers, isInterim, type ResponseHead } from './http-head.ts';

/** What an answer in parts says, in its order: interim heads, the final one, the body, trailers, the end. */
export interface AnswerEvents {
  onInterim(head: ResponseHead): void;
  onFinal(head: ResponseHead): void;
  /** Valid only during the call; its credit is the receiver's to return. */
  onData(bytes: Uint8Array): void;
  /** Names and values in turn; once at most. */
  onTrailers(trailers: readonly string[]): void;
  onEnd(): void;
  /** It is no answer; nothing follows. */
  onFault(what: string): void;
  /** Bytes of the stream that were none of the body. */
  onConsumed(count: number): void;
}

/** Reads what follows a head that announces parts [C1]. Few answers have any. */
export class AnswerReader {
  readonly #events: AnswerEvents;
  readonly #parts: PartReader;
  #isOver = false;

  /** `first` is the head that the stream was accepted with. */
  constructor(first: ResponseHead, events: AnswerEvents) {
    const hasFinal = !isInterim(first.status);
    this.#events = events;
    this.#parts = new PartReader(
      {
        onHead: (bytes) => this.#takeHead(bytes),
        onBody: (bytes) => events.onData(bytes),
        onTrailers: (bytes) => this.#takeTrailers(bytes),
        onConsumed: (count) => events.onConsumed(count),
      },
      hasFinal ? 0 : 1,
      hasFinal,
    );
  }

  push(bytes: Uint8Array): void {
    if (this.#isOver) return;
    const fault = this.#parts.push(bytes);
    if (fault !== undefined) this.#fail(fault);
  }

  end(): void {
    if (this.#isOver) return;
    if (this.#parts.mayEnd) this.#events.onEnd();
    else this.#fail('no end where it ended');
  }

  /** Nothing of it is wanted any more. */
  stop(): void {
    this.#isOver = true;
    this.#parts.stop();
  }

  #takeHead(bytes: Uint8Array): boolean | undefined {
    const head = decodeResponseHead(bytes);
    if (head === undefined || head.status === 101) return undefined;
    const isFinal = !isInterim(head.status);
    if (isFinal) this.#events.onFinal(head);
    else this.#events.onInterim(head);
    return isFinal;
  }

  #takeTrailers(bytes: Uint8Array): boolean {
    const trailers = decodeTrailers(bytes);
    if (trailers !== undefined) this.#events.onTrailers(trailers);
    return trailers !== undefined;
  }

  #fail(what: string): void {
    this.stop();
    this.#events.onFault(what);
  }
}
