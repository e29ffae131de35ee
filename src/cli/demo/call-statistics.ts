import type { CallReport, CallResult } from './call-report.ts';

/** Each bar of the latency line is so long. */
export const bucketMs = 500;
const bucketsKept = 40;

/** The median is of so many calls: enough to be steady, few enough to sort at each redraw. */
const latenciesKept = 4_000;

interface Bucket {
  readonly startedAt: number;
  worstMs: number;
  readonly answeredBy: Map<string, number>;
  calls: number;
}

/** All the ERP has asked so far, and the last seconds of it in steps. */
export interface CallStatistics {
  /** Calls of the CRM that have ended. */
  readonly calls: number;
  readonly failed: number;
  readonly lost: number;
  readonly worstMs: number;
  readonly medianMs: number;
  readonly answeredBy: Readonly<Record<string, number>>;
  readonly billing: { readonly calls: number; readonly failed: number; readonly lost: number };
  /** Worst latency of each step, oldest first; 0 where nothing ended. */
  readonly worsts: readonly number[];
  /** Of the last whole second. */
  perSecond(who: string): number;
  add(report: CallReport, now: number): void;
  /** Steps go on also when nothing is answered. */
  advance(now: number): void;
}

export function callStatistics(): CallStatistics {
  const totals = { calls: 0, failed: 0, lost: 0, worstMs: 0 };
  const billing = { calls: 0, failed: 0, lost: 0 };
  const answeredBy: Record<string, number> = { crm1: 0, crm2: 0 };
  const latencies: number[] = [];
  const buckets: Bucket[] = [];

  function bucketOf(now: number): Bucket {
    let last = buckets.at(-1);
    while (last === undefined || now - last.startedAt >= bucketMs) {
      const startedAt = last === undefined ? now : last.startedAt + bucketMs;
      last = { startedAt, worstMs: 0, answeredBy: new Map(), calls: 0 };
      buckets.push(last);
      if (buckets.length > bucketsKept) buckets.shift();
    }
    return last;
  }

  function addOne(result: CallResult, bucket: Bucket): void {
    bucket.answeredBy.set(result.by, (bucket.answeredBy.get(result.by) ?? 0) + 1);
    const to = result.service === 'crm' ? totals : billing;
    to.calls += 1;
    if (result.outcome === 'failed') to.failed += 1;
    if (result.outcome === 'lost') to.lost += 1;
    if (result.service !== 'crm') return;
    bucket.worstMs = Math.max(bucket.worstMs, result.ms);
    totals.worstMs = Math.max(totals.worstMs, result.ms);
    latencies.push(result.ms);
    if (latencies.length > 2 * latenciesKept) latencies.splice(0, latenciesKept);
    if (result.outcome === 'answered') answeredBy[result.by] = (answeredBy[result.by] ?? 0) + 1;
  }

  return {
    get calls() {
      return totals.calls;
    },
    get failed() {
      return totals.failed;
    },
    get lost() {
      return totals.lost;
    },
    get worstMs() {
      return totals.worstMs;
    },
    get medianMs() {
      return [...latencies].sort((a, b) => a - b)[Math.floor(latencies.length / 2)] ?? 0;
    },
    answeredBy,
    billing,
    get worsts() {
      return buckets.map((bucket) => bucket.worstMs);
    },
    perSecond(who) {
      const whole = buckets.slice(-3, -1);
      return whole.reduce((sum, bucket) => sum + (bucket.answeredBy.get(who) ?? 0), 0);
    },
    add(report, now) {
      const bucket = bucketOf(now);
      for (const result of report.results) addOne(result, bucket);
    },
    advance: (now) => void bucketOf(now),
  };
}
