import type { Clock } from '../runtime/clock.ts';

/** How a load went that was kept up for a while. */
export interface LoadRun {
  readonly count: number;
  /** Of these, what brought nothing. */
  readonly failed: number;
  readonly elapsedMs: number;
  /** Evenly chosen of those that brought something, at most 1,000, sorted. */
  readonly latenciesMs: readonly number[];
}

export interface LoadRunOptions {
  readonly clock: Clock;
  /** How many are under way at a time. */
  readonly depth: number;
  readonly ms: number;
  /** Asked before each: true ends the run early. */
  readonly isStopped: () => boolean;
}

const latenciesMax = 1_000;

/** Begins the next as soon as one has ended, until the time is over. `once` tells whether it brought something. */
export async function runLoad(options: LoadRunOptions, once: () => Promise<boolean>): Promise<LoadRun> {
  const { clock, depth, ms, isStopped } = options;
  const from = clock.now();
  const taken = thinnedOut();
  let count = 0;
  let failed = 0;
  async function worker(): Promise<void> {
    for (let at = clock.now(); at < from + ms && !isStopped(); ) {
      const worked = await once();
      const now = clock.now();
      count += 1;
      if (worked) taken.add(now - at);
      else failed += 1;
      at = now;
    }
  }
  await Promise.all(Array.from({ length: depth }, worker));
  return { count, failed, elapsedMs: clock.now() - from, latenciesMs: taken.sorted() };
}

/** Every time that there are too many, each second one goes, and from then on only each second one is taken. */
function thinnedOut(): { add(value: number): void; sorted(): readonly number[] } {
  let kept: number[] = [];
  let stride = 1;
  let seen = 0;
  return {
    add(value) {
      seen += 1;
      if (seen % stride !== 0) return;
      kept.push(value);
      if (kept.length <= latenciesMax) return;
      kept = kept.filter((_, i) => i % 2 === 0);
      stride *= 2;
    },
    sorted: () => kept.sort((a, b) => a - b),
  };
}

/** Several runs of the same, as one. Percentiles stay right as long as the runs are of about the same length. */
export function joinedRuns(runs: readonly LoadRun[]): LoadRun {
  const sum = (of: (run: LoadRun) => number) => runs.reduce((total, run) => total + of(run), 0);
  return {
    count: sum(({ count }) => count),
    failed: sum(({ failed }) => failed),
    elapsedMs: sum(({ elapsedMs }) => elapsedMs),
    latenciesMs: runs.flatMap(({ latenciesMs }) => latenciesMs).sort((a, b) => a - b),
  };
}

/** `share` 0.9: nine of ten took no longer. Undefined where nothing was taken. */
export function percentile(latenciesMs: readonly number[], share: number): number | undefined {
  return latenciesMs[Math.min(latenciesMs.length - 1, Math.floor(latenciesMs.length * share))];
}
