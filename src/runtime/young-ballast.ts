import { getHeapSpaceStatistics } from 'node:v8';

/** So many bytes of Buffers are made from one young collection to the next, about: less than half of what makes V8 mark the whole heap. */
const collectedEveryBytes = 25_165_824;

/** Larger arrays are not made in the young generation. */
const arraySlotsMax = 8_000;
const slotBytes = 8;

/**
 * Small objects that are garbage at once, made beside large Buffers. Buffers lie outside of V8's heap and do not fill its
 * young generation, whose collection would free them; of 64 MiB of them V8 begins to mark the whole heap. Who makes large
 * Buffers and little else, as the reader of a stream does, has it marked again and again, for most of its processor time.
 */
export class YoungBallast {
  private slotsPerByte = 0;
  private looksAgainIn = 0;
  /** While it is made: what nobody could ever see, the compiler would leave out. */
  garbage: unknown[] | undefined;

  /** A Buffer of so many bytes was made. */
  balance(bytes: number): void {
    this.looksAgainIn -= bytes;
    if (this.looksAgainIn < 0) {
      this.looksAgainIn = collectedEveryBytes;
      this.slotsPerByte = youngBytes() / slotBytes / collectedEveryBytes;
    }
    for (let slots = Math.ceil(bytes * this.slotsPerByte); slots > 0; slots -= arraySlotsMax) {
      this.garbage = new Array<unknown>(Math.min(slots, arraySlotsMax));
    }
    this.garbage = undefined;
  }
}

/** What the young generation holds now: it grows with what survives in it. */
function youngBytes(): number {
  const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space');
  return young === undefined ? 0 : young.space_used_size + young.space_available_size;
}
