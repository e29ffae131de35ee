import type { AcceptedStream } from '../delivery/mesh-stream.ts';
import { noTexts } from '../protocol/text-record.ts';
import { interimMax, PartKind, partBytesMax, partHead } from './answer-parts.ts';
import { type ByteSlots, slotBytesMin } from './byte-sink.ts';
import { encodeHead, type ResponseHead } from './http-head.ts';
import { StreamCopies } from './stream-copies.ts';

/** Puts a program's answer on its stream: head and body as they are, or in parts where there is more to it [C1]. */
export class AnswerWriter {
  readonly #stream: AcceptedStream;
  readonly #copies: StreamCopies;
  #interims = 0;
  #inParts = false;
  #isEnded = false;

  constructor(stream: AcceptedStream, slots: ByteSlots) {
    this.#stream = stream;
    this.#copies = new StreamCopies(stream, slots);
  }

  /** The program has said something. */
  get hasBegun(): boolean {
    return this.#inParts;
  }

  /** More of them than anybody has use for are left out. */
  interim(head: ResponseHead): void {
    this.#interims += 1;
    if (this.#interims > interimMax) return;
    this.#head({ ...head, inParts: true });
  }

  /** The final head. `hasTrailers`: they were announced. */
  begin(head: ResponseHead, hasTrailers: boolean): void {
    this.#head(hasTrailers || this.#inParts ? { ...head, inParts: true } : head);
  }

  /** `bytes` may change after the call. False: no more until the stream drains. */
  body(bytes: Uint8Array): boolean {
    if (this.#inParts) this.#stream.write(partHead(PartKind.body, bytes.length));
    return this.#copies.write(bytes);
  }

  /** As `body`, of an answer that is whole with it and has no trailers. */
  lastOfBody(bytes: Uint8Array): void {
    if (this.#inParts) this.#stream.write(partHead(PartKind.body, bytes.length));
    this.#isEnded = true;
    if (bytes.length < slotBytesMin) {
      this.#stream.endWith(Buffer.from(bytes));
      return;
    }
    this.#copies.write(bytes);
    this.#stream.end();
  }

  /** Names and values in turn. */
  end(trailers: readonly string[]): void {
    if (this.#isEnded) return;
    const bytes = encodeHead(trailers);
    if (this.#inParts && trailers.length > 0 && bytes.length <= partBytesMax) this.#part(PartKind.trailers, bytes);
    this.#stream.end();
  }

  #head(head: ResponseHead): void {
    const body = encodeHead(head);
    if (this.#inParts) {
      this.#part(PartKind.head, body);
      return;
    }
    this.#inParts = head.inParts === true;
    this.#stream.accept({ params: noTexts, bodyKind: 'bytes', body });
  }

  #part(kind: 1 | 3, bytes: Uint8Array): void {
    this.#stream.write(partHead(kind, bytes.length));
    this.#stream.write(bytes);
  }
}
