/** Of the calls of the last seconds, this share may be tried again: a service in trouble gets a fifth more work, not four times as much. */
const share = 0.2;
/** Whatever the share says, so many a second: a service that is called now and then must not go without a second try. */
const perSecond = 5;
/** There to begin with, and kept however few the calls: who knows nothing yet of its instances meets the failing one with several calls at once. */
const reserve = 20;
/** What is not used is kept for this long. */
const windowMs = 10_000;
const secondMs = 1_000;
/** In less nothing comes together that anybody would notice: of calls in quick succession only some pay for the reckoning. */
const advanceMs = 1;

/**
 * How many further attempts at a service are affordable: a token bucket that is filled by calls and by time, so that
 * attempts after the first never multiply the load of a service in trouble (Finagle's RetryBudget; Google SRE book, ch. 21).
 * One per service and node. Only attempts after one that cost the service something are charged: what never reached an
 * instance is tried elsewhere for nothing.
 */
export class RetryBudget {
  #tokens = reserve;
  #at = 0;
  /** Calls per second, smoothed over the window: it bounds what can be saved up. */
  #rate = 0;

  /** A call begins: its first attempt. `count`: so many at once. */
  note(now: number, count = 1): void {
    this.#advance(now);
    this.#rate += (count * secondMs) / windowMs;
    this.#tokens = Math.min(this.#max(), this.#tokens + count * share);
  }

  /** Whether one more attempt at this price is affordable; it is then paid for. */
  take(now: number, price = 1): boolean {
    this.#advance(now);
    if (this.#tokens < price) return false;
    this.#tokens -= price;
    return true;
  }

  #max(): number {
    return reserve + (this.#rate * share * windowMs) / secondMs;
  }

  #advance(now: number): void {
    const elapsedMs = now - this.#at;
    if (elapsedMs < advanceMs) return;
    this.#at = now;
    this.#rate *= Math.exp(-elapsedMs / windowMs);
    this.#tokens = Math.min(this.#max(), this.#tokens + (perSecond * elapsedMs) / secondMs);
  }
}
