/** Far beyond any process's life, and below the longest delay Node takes. */
const neverMs = 2_000_000_000;

/** Keeps this process alive until what is returned is called: for waits on timers, which do not. */
export function keepProcessAlive(): () => void {
  const interval = setInterval(() => undefined, neverMs);
  return () => clearInterval(interval);
}
