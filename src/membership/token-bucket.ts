/** Lets `burst` things through at once and `perSecond` in the long run. */
export interface TokenBucket {
  /** Whether one more may pass at this time (milliseconds, never going back). */
  take(time: number): boolean;
}

export function createTokenBucket(perSecond: number, burst: number): TokenBucket {
  let tokens = burst;
  let filledAt = -Infinity;
  return {
    take(time) {
      const passed = Math.max(0, time - filledAt);
      tokens = Math.min(burst, tokens + (passed * perSecond) / 1_000);
      filledAt = Math.max(filledAt, time);
      if (tokens < 1) return false;
      tokens--;
      return true;
    },
  };
}
