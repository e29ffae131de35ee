import type { CircuitBreaker } from './circuit-breaker.ts';
import { LatencyHistogram } from './latency-histogram.ts';
import { RetryBudget } from './retry-budget.ts';

/** A service's usual latency follows its answers with this time constant. */
const latencyFollowsMs = 2_000;
/** Each answer counts for so much at least, so that few are enough to begin with. */
const shareMin = 0.002;

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

  /** An instance answered. */
  answered(now: number, latencyMs: number): void {
    this.latencies.note(latencyMs);
    this.#answers += 1;
    const share = Math.max(shareMin, 1 / this.#answers, 1 - Math.exp((this.#latencyAt - now) / latencyFollowsMs));
    this.#latencyAt = now;
    this.latencyMs += (latencyMs - this.latencyMs) * share;
  }

  /**
   * `failing` may be an outlier: it is left out if the others fare so much better. Never more than half of the instances are
   * left out for errors, so that a fault of all is not taken for one of each (Envoy's max_ejection_percent).
   */
  judge(failing: CircuitBreaker, now: number): void {
    let left = 0;
    let failures = 0;
    let others = 0;
    for (const breaker of this.breakers) {
      if (breaker === failing) continue;
      if (breaker.state(now) !== 'closed') left += 1;
      else {
        failures += breaker.failureShare(now);
        others += 1;
      }
    }
    if (others === 0 || (left + 1) * 2 > this.breakers.size) return;
    if (failing.isOutlier(now, failures / others)) failing.open(now);
  }
}
