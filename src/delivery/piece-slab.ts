import { YoungCollector } from '../runtime/young-collector.ts';

/**
 * Several large pieces lie in one allocation: where each has its own, the allocator gives their memory back to the system as
 * they are collected, and the faults on its new pages cost five times the copying.
 */
export const slabBytes = 262_144;

/** What is smaller has an allocation of its own: who keeps one such piece is not to keep the whole slab. */
export const slabPieceBytesMin = 16_384;

/** Who makes no slab is spared the memory. */
const threads = () => process.getBuiltinModule('node:worker_threads');

/** Copies bytes that are valid only during a call, for those who keep them. One for all streams of a program or link. */
export class PieceSlab {
  private slab: Buffer | undefined;
  private used = 0;
  private readonly collector: YoungCollector;

  constructor(collector: YoungCollector = new YoungCollector()) {
    this.collector = collector;
  }

  /** The copy is the caller's. What it was copied to lives as long as any piece of it. */
  copy(bytes: Uint8Array): Buffer {
    const { length } = bytes;
    if (length < slabPieceBytesMin || length > slabBytes) return Buffer.from(bytes);
    if (this.slab === undefined || slabBytes - this.used < length) {
      this.slab = Buffer.allocUnsafeSlow(slabBytes);
      // Others have a part in it: whoever hands one of them to a thread gets a copy.
      threads().markAsUntransferable(this.slab.buffer);
      this.used = 0;
      this.collector.made(slabBytes);
    }
    const end = this.used + length;
    const piece = this.slab.subarray(this.used, end);
    piece.set(bytes);
    this.used = end;
    if (slabBytes - end < slabPieceBytesMin) this.slab = undefined;
    return piece;
  }
}
