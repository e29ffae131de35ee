import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createKeptReplies } from './kept-replies.ts';

const replyOf = (n: number, count: number) => new Uint8Array(count).fill(n);

describe('kept replies', () => {
  it('are there until they are deleted, however the ring grows and turns', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 4_096 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 200 }), fc.nat(20), (each, alive, stride) => {
        const kept = createKeptReplies();
        kept.grow(256);
        const sizeOf = (n: number) => each[n % each.length] as number;
        for (let n = 0; n < 600; n++) {
          kept.set(n % 256, replyOf(n, Math.ceil(sizeOf(n) / 2)), replyOf(n, Math.floor(sizeOf(n) / 2)));
          // Not quite in the order in which they came.
          if (n >= alive + stride) kept.delete((n - alive - ((n * 7) % (stride + 1))) % 256);
        }
        const lost: number[] = [];
        for (let n = 600 - Math.min(alive - 1, 250); n < 600; n++) {
          if (kept.get(n % 256)?.every((byte) => byte === (n & 0xff)) !== true) lost.push(n);
          if (kept.get(n % 256)?.length !== sizeOf(n)) lost.push(n);
        }
        expect(lost).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  it('take no more memory than those that are asked for need', () => {
    const kept = createKeptReplies();
    kept.grow(1_024);
    for (let n = 0; n < 100_000; n++) {
      kept.set(n % 1_024, replyOf(n, 40), undefined);
      kept.delete((n + 1_024 - 300) % 1_024);
    }
    expect(kept.keptBytes).toBe(300 * 40);
    expect(kept.get(99_999 % 1_024)?.buffer.byteLength).toBe(65_536);
  });

  it('what is empty or larger than 4 KiB is not kept', () => {
    const kept = createKeptReplies();
    kept.grow(4);
    kept.set(0, replyOf(1, 4_096), undefined);
    kept.set(1, replyOf(1, 4_096), replyOf(1, 1));
    kept.set(2, replyOf(1, 0), undefined);
    expect([kept.get(0)?.length, kept.get(1), kept.get(2), kept.keptBytes]).toEqual([
      4_096,
      undefined,
      undefined,
      4_096,
    ]);
  });
});
