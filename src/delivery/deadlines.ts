import type { Clock, Timer } from '../runtime/clock.ts';

/**
 * One timer for all deadlines of a kind: keys are sorted into buckets of 8 ms and looked at when the bucket is due. A key
 * that has ended meanwhile costs a failed look-up, so nothing needs to be removed.
 */
export interface Deadlines {
  /** `due(key)` is called once, at `at` (monotonic milliseconds) or up to one bucket later. Never for Infinity. */
  add(key: number, at: number): void;
  stop(): void;
}

export interface DeadlineEvents {
  /** Keys that have ended are forgotten now and then: a peer that gives each message a day must not fill our memory. */
  isPending(key: number): boolean;
  due(key: number): void;
}

/** A deadline is a promise to people: 8 ms late is in time, and ten thousand calls a second share one timer. */
const bucketMs = 8;

/** Two megabytes of keys: with fewer it is not worth while to look for those that have ended. */
const keysSwept = 262_144;

export function createDeadlines(clock: Clock, events: DeadlineEvents): Deadlines {
  const buckets = new Map<number, number[]>();
  let timer: Timer | undefined;
  let plannedFor = Number.POSITIVE_INFINITY;
  let stopped = false;
  let count = 0;
  let forgetAt = keysSwept;

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
        count -= keys.length;
        ripe.push(keys);
      } else if (bucket < next) next = bucket;
    }
    if (next !== Number.POSITIVE_INFINITY) plan(next);
    for (const keys of ripe) for (const key of keys) events.due(key);
  }

  /** Looks at every key once for as many that were added since: on the average, at two. */
  function forgetEnded(): void {
    count = 0;
    for (const [bucket, keys] of buckets) {
      const pending = keys.filter(events.isPending);
      count += pending.length;
      if (pending.length > 0) buckets.set(bucket, pending);
      else buckets.delete(bucket);
    }
    forgetAt = Math.max(keysSwept, 2 * count);
  }

  return {
    add(key, at) {
      if (stopped || at === Number.POSITIVE_INFINITY) return;
      const bucket = Math.floor(at / bucketMs);
      const keys = buckets.get(bucket);
      if (keys === undefined) buckets.set(bucket, [key]);
      else keys.push(key);
      count += 1;
      if (count > forgetAt) forgetEnded();
      plan(bucket);
    },
    stop() {
      stopped = true;
      timer?.cancel();
      buckets.clear();
    },
  };
}
