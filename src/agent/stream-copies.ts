import type { MeshStream } from '../delivery/mesh-stream.ts';
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
  readonly #stream: Pick<MeshStream, 'write' | 'unwrittenBytes'>;
  readonly #slots: ByteSlots;
  #lent: LentSlot[] = [];
  #written = 0;

  constructor(stream: Pick<MeshStream, 'write' | 'unwrittenBytes'>, slots: ByteSlots) {
    this.#stream = stream;
    this.#slots = slots;
  }

  /** Some memory is to be used again, and not given back yet. */
  get isHolding(): boolean {
    return this.#lent.length > 0;
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

  /** Writes what is the stream's own already. */
  keep(own: Uint8Array): boolean {
    this.#written += own.length;
    return this.#stream.write(own);
  }

  /** Gives back what is written, without writing more. False: nothing is left of it, or nobody will know when it is written. */
  giveBack(): boolean {
    if (this.#stream.unwrittenBytes() === Number.POSITIVE_INFINITY) {
      this.#slots.lose(this.#lent.length);
      this.#lent = [];
    } else this.#takeBack();
    return this.isHolding;
  }

  #writePiece(bytes: Uint8Array): boolean {
    if (bytes.length < slotBytesMin) return this.keep(Buffer.from(bytes));
    this.#written += bytes.length;
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
