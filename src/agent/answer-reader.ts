import { PartReader } from './answer-parts.ts';
import { decodeResponseHead, decodeTrailers, isInterim, type ResponseHead } from './http-head.ts';

/** What an answer says, in its order: interim heads, the final one, the body, trailers, the end. */
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

/** Reads a program's answer from a stream: head and body, or parts where there is more to it [C1]. */
export class AnswerReader {
  readonly #events: AnswerEvents;
  #parts: PartReader | undefined;
  #isOver = false;

  constructor(events: AnswerEvents) {
    this.#events = events;
  }

  /** `json` is what the stream was accepted with. */
  begin(json: Uint8Array): void {
    const head = decodeResponseHead(json);
    if (head === undefined) {
      this.#fail('no HTTP response');
      return;
    }
    if (head.inParts === true) this.#parts = this.#partsAfter(head);
    this.#take(head);
  }

  push(bytes: Uint8Array): void {
    if (this.#isOver) return;
    const parts = this.#parts;
    if (parts === undefined) {
      this.#events.onData(bytes);
      return;
    }
    const fault = parts.push(bytes);
    if (fault !== undefined) this.#fail(fault);
  }

  end(): void {
    if (this.#isOver) return;
    if (this.#parts?.mayEnd === false) this.#fail('no end where it ended');
    else this.#events.onEnd();
  }

  /** Nothing of it is wanted any more. */
  stop(): void {
    this.#isOver = true;
    this.#parts?.stop();
  }

  #take(head: ResponseHead): void {
    if (isInterim(head.status)) this.#events.onInterim(head);
    else this.#events.onFinal(head);
  }

  #partsAfter(first: ResponseHead): PartReader {
    const hasFinal = !isInterim(first.status);
    const { onData, onConsumed } = this.#events;
    const events = {
      onHead: (json: Uint8Array) => {
        const head = decodeResponseHead(json);
        if (head === undefined || head.status === 101) return undefined;
        this.#take(head);
        return !isInterim(head.status);
      },
      onTrailers: (json: Uint8Array) => {
        const trailers = decodeTrailers(json);
        if (trailers !== undefined) this.#events.onTrailers(trailers);
        return trailers !== undefined;
      },
      onBody: onData,
      onConsumed,
    };
    return new PartReader(events, hasFinal ? 0 : 1, hasFinal);
  }

  #fail(what: string): void {
    this.stop();
    this.#events.onFault(what);
  }
}
