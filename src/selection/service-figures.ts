import type { CircuitBreaker } from './circuit-breaker.ts';
import { LatencyHistogram } from './latency-histogram.ts';
import { RetryBudget } from './retry-budget.ts';

/** A service's usual latency follows its answers with this time constant. */
const latencyFollowsMs = 2_000;
/** Each answer counts for so much at least, so that few are enough to begin with, and at most, so that none decides alone. */
const shareMin = 0.002;
const shareMax = 0.1;
/** So many failures running at others are no accident either. */
const failingToo = 3;

/** What this node notes about a service as a whole: the measure against which one instance is slow, busy or failing. */
export class ServiceFigures {
  /** Of all instances that have been used or might be. */
  readonly breakers = new Set<CircuitBreaker>();
  readonly budget = new RetryBudget();
  readonly latencies = new LatencyHistogram();
  /** Exchanges and streams from here under way with any instance. */
  inFlight = 0;
  /** Choices made in turn. */
  turn = 0;
  /** Smoothed latency of answers in milliseconds; 0 before the first. */
  latencyMs = 0;
  #latencyAt = 0;
  #answers = 0;

  /** An instance answered: how long it took, and for how much of that it is to be taken. */
  answered(now: number, sampleMs: number, latencyMs: number): void {
    this.latencies.note(latencyMs);
    this.#answers += 1;
    const byTime = now === this.#latencyAt ? 0 : 1 - Math.exp((this.#latencyAt - now) / latencyFollowsMs);
    const share = Math.max(shareMin, 1 / this.#answers, Math.min(shareMax, byTime));
    this.#latencyAt = now;
    this.latencyMs += (sampleMs - this.latencyMs) * share;
  }

  /**
   * `suspect` may be an outlier: it is left out if the others fare so much better. Never more than half of the instances are
   * left out for errors, so that a fault of all is not taken for one of each (Envoy's max_ejection_percent).
   */
  judge(suspect: CircuitBreaker, now: number): void {
    let left = 0;
    let failures = 0;
    let failing = 0;
    let others = 0;
    for (const breaker of this.breakers) {
      if (breaker === suspect) continue;
      if (breaker.state(now) !== 'closed') left += 1;
      else {
        failures += breaker.failureShare(now);
        if (breaker.consecutive >= failingToo) failing += 1;
        others += 1;
      }
    }
    if (others === 0 || (left + 1) * 2 > this.breakers.size) return;
    if (suspect.isOutlier(now, Math.max(failures, failing) / others)) suspect.open(now);
  }
}
