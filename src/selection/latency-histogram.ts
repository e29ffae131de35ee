/** Classes of latency: eight to each doubling from 1/16 ms on, so that a quantile is right within 9 %. */
const perDoubling = 8;
const lowestMs = 1 / 16;
const classCount = 22 * perDoubling;
/** What was counted counts half after so many more: the quantile is that of the last thousand or two. */
const halvedAfter = 1_024;
/** Below so many answers a quantile is a guess. */
const countMin = 20;

/** How long answers of a service take, as a histogram of fixed size that forgets. */
export class LatencyHistogram {
  readonly #counts = new Float64Array(classCount);
  #sum = 0;
  #sinceHalved = 0;
  // The class of the last one, which is mostly that of the next.
  #last = 0;
  #lastFrom = Number.POSITIVE_INFINITY;
  #lastTo = Number.NEGATIVE_INFINITY;

  note(latencyMs: number): void {
    if (latencyMs < this.#lastFrom || latencyMs >= this.#lastTo) this.#lookUp(latencyMs);
    const among = this.#last;
    this.#counts[among] = (this.#counts[among] ?? 0) + 1;
    this.#sum += 1;
    this.#sinceHalved += 1;
    if (this.#sinceHalved >= halvedAfter) this.#halve();
  }

  /** Upper end of the class in which the quantile lies, in milliseconds; undefined after too few answers. */
  quantile(share: number): number | undefined {
    if (this.#sum < countMin) return undefined;
    let left = share * this.#sum;
    for (let at = 0; at < classCount; at++) {
      left -= this.#counts[at] ?? 0;
      if (left <= 0) return lowestMs * 2 ** ((at + 1) / perDoubling);
    }
    return lowestMs * 2 ** (classCount / perDoubling);
  }

  #lookUp(latencyMs: number): void {
    const at = Math.floor(Math.log2(Math.max(lowestMs, latencyMs) / lowestMs) * perDoubling);
    this.#last = Math.min(classCount - 1, at);
    this.#lastFrom = lowestMs * 2 ** (this.#last / perDoubling);
    this.#lastTo = lowestMs * 2 ** ((this.#last + 1) / perDoubling);
  }

  #halve(): void {
    this.#sinceHalved = 0;
    this.#sum = 0;
    for (let at = 0; at < classCount; at++) {
      const half = (this.#counts[at] ?? 0) / 2;
      this.#counts[at] = half;
      this.#sum += half;
    }
  }
}
