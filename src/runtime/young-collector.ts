import { type CollectYoung, collectYoung } from './collect-young.ts';

/**
 * So many bytes of Buffers are made from one young collection to the next. As soon as a heap is larger than 8 MB, V8 begins to
 * mark it for as much besides its young generation, and what was made before the last collection counts until it is swept.
 */
export const collectedEveryBytes = 4_194_304;

/**
 * The same in an agent, which marks only when it must: it would for what is held through two collections, and what waits for a
 * full link is if they come for each 4 MiB.
 */
export const collectedByAgentEveryBytes = 16_777_216;

/**
 * Has the young generation collected by what large Buffers take. They lie outside of V8's heap and do not fill its young
 * generation, whose collection would free them; of some MiB of them V8 begins to mark the whole heap. Who makes large Buffers
 * and little else, as the reader of a stream does, has it marked again and again, for most of its processor time. A young
 * collection with nothing in it takes 50 µs.
 */
export class YoungCollector {
  private readonly everyBytes: number;
  private uncollectedBytes = 0;
  /** Found when it is first needed: it takes a millisecond. */
  private collect: CollectYoung | undefined = undefined;

  constructor(everyBytes: number = collectedEveryBytes) {
    this.everyBytes = everyBytes;
  }

  /** A Buffer of so many bytes was made. */
  made(bytes: number): void {
    this.uncollectedBytes += bytes;
    if (this.uncollectedBytes < this.everyBytes) return;
    this.uncollectedBytes = 0;
    this.collect ??= collectYoung();
    this.collect();
  }
}
