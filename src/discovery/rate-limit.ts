/** Permits a number of things per second, and as many at once after a quiet second. */
export interface RateLimit {
  /** Whether one more is permitted now; counts it if so. */
  take(nowMs: number): boolean;
}

export function createRateLimit(perSecond: number): RateLimit {
  let tokens = perSecond;
  let updatedAt: number | undefined;
  return {
    take(nowMs) {
      tokens = Math.min(perSecond, tokens + ((nowMs - (updatedAt ?? nowMs)) * perSecond) / 1_000);
      updatedAt = nowMs;
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}
