/** The first pause after a failure; doubled with each further one. */
const firstMs = 1_000;

/** Nothing is retried less often: whatever was broken may be mended at any time. */
const longestMs = 30_000;

/** The pause after `failures` (1 or more) failures in a row. */
export function growingPause(failures: number): number {
  return Math.min(longestMs, firstMs * 2 ** Math.min(failures - 1, 10));
}

/** A pause spread by ± 20 %, so that those who failed together do not return together. `chance` is in [0, 1). */
export function spread(pauseMs: number, chance: number): number {
  return pauseMs * (0.8 + 0.4 * chance);
}
