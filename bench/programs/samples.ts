const roomMax = 16_384;

/** Latencies, in microseconds: evenly spread over the run, however many there are. */
export interface Samples {
  add(microseconds: number): void;
  /** Sorted. */
  sorted(): number[];
}

/** Every time that it is full, each second one goes, and from then on each second one is taken. */
export function createSamples(): Samples {
  let kept: number[] = [];
  let stride = 1;
  let seen = 0;
  return {
    add(microseconds) {
      seen += 1;
      if (seen % stride !== 0) return;
      kept.push(microseconds);
      if (kept.length < roomMax) return;
      kept = kept.filter((_, i) => i % 2 === 0);
      stride *= 2;
    },
    sorted: () => kept.sort((a, b) => a - b),
  };
}
