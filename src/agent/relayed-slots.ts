import type { Clock } from '../runtime/clock.ts';
import { type ByteSlots, byteSlots } from './byte-sink.ts';

/** So long a stream that writes no more may keep what it has written. */
const lookedAfterMs = 1_000;

/**
 * Taken at once, 4 MiB: for a few streams at full speed. What a stream has written is told from what all of its link still
 * hold, so that each of a hundred would keep as much as all of them have under way.
 */
export const relayedSlotsMax = 64;

/** Who holds slots until they are written. */
export interface SlotHolder {
  /** Gives back those that are. False: it has none left. */
  giveBack(): boolean;
}

/**
 * Slots for streams that last. One that goes on takes its own back as it writes; one that falls silent would keep its last
 * ones for as long as it is open.
 */
export class RelayedSlots implements ByteSlots {
  readonly #clock: Clock;
  readonly #slots = byteSlots();
  readonly #holders = new Set<SlotHolder>();
  #taken = 0;
  #isTimed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** There is one to take. */
  get hasRoom(): boolean {
    return this.#taken < relayedSlotsMax;
  }

  take(): Buffer {
    this.#taken += 1;
    return this.#slots.take();
  }

  give(slot: Buffer): void {
    this.#taken -= 1;
    this.#slots.give(slot);
  }

  lose(count: number): void {
    this.#taken -= count;
  }

  /** It may have taken some: is asked for them until it has none. */
  watch(holder: SlotHolder): void {
    this.#holders.add(holder);
    this.#time();
  }

  #look(): void {
    this.#isTimed = false;
    for (const holder of this.#holders) {
      if (!holder.giveBack()) this.#holders.delete(holder);
    }
    if (this.#holders.size > 0) this.#time();
  }

  #time(): void {
    if (this.#isTimed) return;
    this.#isTimed = true;
    this.#clock.schedule(lookedAfterMs, () => this.#look());
  }
}
