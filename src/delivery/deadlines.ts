import type { Clock, Timer } from '../runtime/clock.ts';

/**
 * One timer for all deadlines of a kind: keys are sorted into buckets of 8 ms and looked at when the bucket is due. A key
 * that has ended meanwhile costs a failed look-up, so nothing needs to be removed.
 */
export interface Deadlines {
  /** `due(key)` is called once, at `at` (monotonic milliseconds) or up to one bucket later. */
  add(key: number, at: number): void;
  stop(): void;
}

/** A deadline is a promise to people: 8 ms late is in time, and ten thousand calls a second share one timer. */
const bucketMs = 8;

export function createDeadlines(clock: Clock, due: (key: number) => void): Deadlines {
  const buckets = new Map<number, number[]>();
  let timer: Timer | undefined;
  let plannedFor = Number.POSITIVE_INFINITY;
  let stopped = false;

  function plan(bucket: number): void {
    if (stopped || bucket >= plannedFor) return;
    timer?.cancel();
    plannedFor = bucket;
    timer = clock.schedule(Math.max(0, (bucket + 1) * bucketMs - clock.now()), sweep);
  }

  function sweep(): void {
    plannedFor = Number.POSITIVE_INFINITY;
    const current = Math.floor(clock.now() / bucketMs);
    let next = Number.POSITIVE_INFINITY;
    const ripe: number[][] = [];
    for (const [bucket, keys] of buckets) {
      if (bucket < current) {
        buckets.delete(bucket);
        ripe.push(keys);
      } else if (bucket < next) next = bucket;
    }
    if (next !== Number.POSITIVE_INFINITY) plan(next);
    for (const keys of ripe) for (const key of keys) due(key);
  }

  return {
    add(key, at) {
      const bucket = Math.floor(at / bucketMs);
      const keys = buckets.get(bucket);
      if (keys === undefined) buckets.set(bucket, [key]);
      else keys.push(key);
      plan(bucket);
    },
    stop() {
      stopped = true;
      timer?.cancel();
      buckets.clear();
    },
  };
}
