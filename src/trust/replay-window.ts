/** Counters behind the highest that are still told apart [K5]: more than any network reorders. */
export const replayWindowSize = 1_024;

/** Which counters of one sender were seen. Counters begin at 1 [K3]. */
export class ReplayWindow {
  #highest = 0;
  /** One bit for each of the last 1,024 counters, at the counter modulo 1,024. */
  readonly #seen = new Uint32Array(replayWindowSize / 32);

  /**
   * Begins with a counter that was authentic. What came before it may have been recorded before this window was made: it
   * is not taken any more.
   */
  begin(counter: number): void {
    this.#seen.fill(0xffff_ffff);
    this.#highest = counter;
  }

  /** Neither seen nor too old to tell. */
  isFresh(counter: number): boolean {
    if (counter > this.#highest) return true;
    if (counter < 1 || this.#highest - counter >= replayWindowSize) return false;
    const at = counter % replayWindowSize;
    return (((this.#seen[at >>> 5] as number) >>> (at & 31)) & 1) === 0;
  }

  /** It was authentic. Call only for what `isFresh`. */
  mark(counter: number): void {
    const seen = this.#seen;
    if (counter - this.#highest >= replayWindowSize) seen.fill(0);
    else for (let passed = this.#highest + 1; passed < counter; passed++) this.#set(passed, 0);
    this.#set(counter, 1);
    if (counter > this.#highest) this.#highest = counter;
  }

  #set(counter: number, bit: 0 | 1): void {
    const at = counter % replayWindowSize;
    const mask = 1 << (at & 31);
    const word = this.#seen[at >>> 5] as number;
    this.#seen[at >>> 5] = bit === 1 ? word | mask : word & ~mask;
  }
}
