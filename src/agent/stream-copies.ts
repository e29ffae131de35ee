import type { AcceptedStream } from '../delivery/mesh-stream.ts';
import { type ByteSlots, slotBytes, slotBytesMin } from './byte-sink.ts';

interface LentSlot {
  readonly slot: Buffer;
  /** Of all bytes written so many were when it was full. */
  readonly end: number;
}

/**
 * Gives a stream copies of what is valid only for a moment, in memory that is used again once the stream has written it:
 * fresh memory for every 64 KiB costs as much as the system calls, for each page of it is a fault.
 */
export class StreamCopies {
  readonly #stream: Pick<AcceptedStream, 'write' | 'endWith' | 'end' | 'unwrittenBytes'>;
  readonly #slots: ByteSlots;
  #lent: LentSlot[] = [];
  #written = 0;

  constructor(stream: Pick<AcceptedStream, 'write' | 'endWith' | 'end' | 'unwrittenBytes'>, slots: ByteSlots) {
    this.#stream = stream;
    this.#slots = slots;
  }

  /** `bytes` may change after the call. */
  write(bytes: Uint8Array): boolean {
    this.#takeBack();
    let mayGoOn = true;
    for (let at = 0; at < bytes.length; at += slotBytes) {
      mayGoOn = this.#writePiece(at === 0 && bytes.length <= slotBytes ? bytes : bytes.subarray(at, at + slotBytes));
    }
    return mayGoOn;
  }

  /** The last ones. */
  end(bytes: Uint8Array): void {
    if (bytes.length < slotBytesMin) {
      this.#stream.endWith(Buffer.from(bytes));
      return;
    }
    this.write(bytes);
    this.#stream.end();
  }

  #writePiece(bytes: Uint8Array): boolean {
    this.#written += bytes.length;
    if (bytes.length < slotBytesMin) return this.#stream.write(Buffer.from(bytes));
    const slot = this.#slots.take();
    slot.set(bytes);
    this.#lent.push({ slot, end: this.#written });
    return this.#stream.write(slot.subarray(0, bytes.length));
  }

  /** Never once the stream is over: what was under way then may still be held. */
  #takeBack(): void {
    if (this.#lent.length === 0) return;
    const taken = this.#written - this.#stream.unwrittenBytes();
    let count = 0;
    for (const { slot, end } of this.#lent) {
      if (end > taken) break;
      this.#slots.give(slot);
      count += 1;
    }
    if (count > 0) this.#lent = this.#lent.slice(count);
  }
}
