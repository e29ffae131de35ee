import { describe, expect, it } from 'vitest';
import { createTokenBucket } from './token-bucket.ts';

describe('a token bucket', () => {
  it('lets the burst through, and then so many per second', () => {
    const bucket = createTokenBucket(10, 5);
    const take = (time: number, times: number) =>
      Array.from({ length: times }, () => bucket.take(time)).filter(Boolean);
    expect(take(0, 20)).toHaveLength(5);
    expect(take(1_000, 20)).toHaveLength(5);
    expect(take(1_100, 20)).toHaveLength(1);
    expect(take(1_100, 20)).toHaveLength(0);
  });

  it('does not fill when time stands or goes back', () => {
    const bucket = createTokenBucket(1, 1);
    expect(bucket.take(1_000)).toBe(true);
    expect(bucket.take(0)).toBe(false);
    expect(bucket.take(1_000)).toBe(false);
    expect(bucket.take(2_000)).toBe(true);
  });
});
