/** Failures running that make an instance an outlier, whatever came before (as Envoy's consecutive_5xx). */
export const consecutiveMax = 5;
/** At least so many failures of the last seconds before their share says anything. */
const failuresMin = 5;
/** Its share of failures must be so much above that of the others: where all fail alike, the fault is not an instance's. */
const excessMin = 0.2;
/** Failures and successes count half after this. */
const halfLifeMs = 5_000;

/** The first time it is left out for this long, each time in succession twice as long. */
const openMs = 2_000;
const openMsMax = 60_000;
/** One that cannot be reached is tried again sooner: the link will tell, and a trial costs no caller more than another try. */
const unreachableMs = 1_000;
const unreachableMsMax = 4_000;
/** Closed for so long, it has one opening less to answer for. */
const forgivenMs = 30_000;
/** A trial that was never heard of again is over after this. */
const trialMs = 10_000;

export type BreakerState = 'closed' | 'open' | 'half-open';

/**
 * Circuit breaker of one instance (Nygard, Release It!, 2007): `closed`, it takes part; `open`, it is left out for a while;
 * `half-open`, one attempt at a time finds out whether it is well again. Opening for errors is asked for, not done here:
 * whether an instance is an outlier depends on the others.
 */
export class CircuitBreaker {
  /** Failures since the last success. */
  consecutive = 0;
  /** Times in succession that it was opened. */
  openings = 0;
  /** Monotonic milliseconds until which nothing goes there. */
  openUntil = Number.NEGATIVE_INFINITY;
  /** Since when it has been closed again; -Infinity: it never was open. */
  closedAt = Number.NEGATIVE_INFINITY;
  #successes = 0;
  #failures = 0;
  #at = 0;
  #trialAt = Number.NEGATIVE_INFINITY;

  state(now: number): BreakerState {
    if (this.openings === 0 || this.openUntil === Number.NEGATIVE_INFINITY) return 'closed';
    return now < this.openUntil || now - this.#trialAt < trialMs ? 'open' : 'half-open';
  }

  /** An attempt begins. In the half-open state it is the trial, and no other goes there until it has ended. */
  begin(now: number): void {
    if (this.openUntil !== Number.NEGATIVE_INFINITY && this.state(now) === 'half-open') this.#trialAt = now;
  }

  success(now: number): void {
    this.consecutive = 0;
    this.#fade(now);
    this.#successes += 1;
    if (this.openUntil !== Number.NEGATIVE_INFINITY) {
      // An answer to what was asked before it was opened says nothing of now.
      if (this.#trialAt !== Number.NEGATIVE_INFINITY) this.#close(now);
    } else if (this.openings > 0 && now - this.closedAt > forgivenMs) {
      this.openings -= 1;
      this.closedAt = now;
    }
  }

  /** Returns whether there is reason to ask the others whether this one is an outlier. */
  failure(now: number): boolean {
    this.consecutive += 1;
    this.#fade(now);
    this.#failures += 1;
    if (this.#trialAt !== Number.NEGATIVE_INFINITY) {
      this.open(now);
      return false;
    }
    if (this.openUntil !== Number.NEGATIVE_INFINITY) return false;
    return this.consecutive >= consecutiveMax || this.#failures >= failuresMin;
  }

  /** Nobody waits for the trial any more: it told nothing. */
  abandon(): void {
    this.#trialAt = Number.NEGATIVE_INFINITY;
  }

  /** Of the last seconds, failures as a share of all ends; 0 where there were none. */
  failureShare(now: number): number {
    this.#fade(now);
    const all = this.#successes + this.#failures;
    return all < 1 ? 0 : this.#failures / all;
  }

  /** Whether it fails so much more than `othersShare` that it should be left out. */
  isOutlier(now: number, othersShare: number): boolean {
    if (this.consecutive >= consecutiveMax && othersShare < 1 - excessMin) return true;
    return this.failureShare(now) >= othersShare + excessMin;
  }

  open(now: number): void {
    this.#leaveOut(now, openMs, openMsMax);
  }

  openUnreachable(now: number): void {
    if (now < this.openUntil) return;
    this.#leaveOut(now, unreachableMs, unreachableMsMax);
  }

  /** There is reason to believe that it is another one now: the next attempt is a trial. */
  doubtIsOver(now: number): void {
    if (this.openUntil > now) this.openUntil = now;
  }

  #leaveOut(now: number, first: number, most: number): void {
    this.openUntil = now + Math.min(most, first * 2 ** this.openings);
    this.openings += 1;
    this.#trialAt = Number.NEGATIVE_INFINITY;
  }

  #close(now: number): void {
    this.openUntil = Number.NEGATIVE_INFINITY;
    this.#trialAt = Number.NEGATIVE_INFINITY;
    this.#successes = 0;
    this.#failures = 0;
    this.closedAt = now;
  }

  #fade(now: number): void {
    const elapsedMs = now - this.#at;
    if (elapsedMs <= 0) return;
    this.#at = now;
    const left = 2 ** (-elapsedMs / halfLifeMs);
    this.#successes *= left;
    this.#failures *= left;
  }
}
