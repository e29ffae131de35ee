/** Takes what a stream brings. */
export interface ByteSink {
  /** `bytes` may change after the call. */
  write(bytes: Uint8Array): void;
}

/** Where a sink puts them: a socket, an HTTP message. */
export interface ByteWriter {
  /** `taken` is called when the system has them, or will never have them. */
  write(bytes: Uint8Array, taken: () => void): unknown;
}

/** Buffers that are used again: a fresh one for every 64 KiB keeps the garbage collector busy and memory high. */
export interface ByteSlots {
  take(): Buffer;
  give(slot: Buffer): void;
  /** So many that were taken are not given back. */
  lose(count: number): void;
}

/** The most a stream hands over at once. */
export const slotBytes = 65_536;

/** Kept for use again, 4 MiB in all: the windows of sixteen streams at full speed. */
const slotsKept = 64;

/** Below this a buffer of its own is cheaper than a whole slot. */
export const slotBytesMin = 16_384;

export function byteSlots(): ByteSlots {
  const free: Buffer[] = [];
  return {
    take: () => free.pop() ?? Buffer.allocUnsafeSlow(slotBytes),
    give(slot) {
      if (free.length < slotsKept) free.push(slot);
    },
    lose() {},
  };
}

/**
 * Writes a stream's bytes to a socket or an HTTP message, and calls `consumed` with their number once the system has taken
 * them: so the other side never sends more than its credit, however slow the reader is.
 */
export function byteSink(to: ByteWriter, slots: ByteSlots, consumed: (count: number) => void): ByteSink {
  // What is under way, oldest first from `first` on. Writes are taken in order, so one callback serves all.
  let counts: number[] = [];
  let used: (Buffer | undefined)[] = [];
  let first = 0;

  function taken(): void {
    const count = counts[first] ?? 0;
    const slot = used[first];
    used[first] = undefined;
    first += 1;
    if (first === counts.length) {
      counts = [];
      used = [];
      first = 0;
    }
    if (slot !== undefined) slots.give(slot);
    consumed(count);
  }

  return {
    write(bytes) {
      const { length } = bytes;
      const slot = length >= slotBytesMin && length <= slotBytes ? slots.take() : undefined;
      const copy = slot === undefined ? Buffer.from(bytes) : slot.subarray(0, length);
      if (slot !== undefined) slot.set(bytes);
      counts.push(length);
      used.push(slot);
      to.write(copy, taken);
    },
  };
}
