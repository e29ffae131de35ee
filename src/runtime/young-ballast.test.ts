import { constants, PerformanceObserver } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { YoungBallast } from './young-ballast.ts';

const bufferBytes = 262_144;

/** How often the young generation is collected while a gibibyte of Buffers is made that nobody holds. */
async function collections(balance: (bytes: number) => void): Promise<number> {
  let count = 0;
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { kind } = Reflect.get(entry, 'detail') as { readonly kind: number };
      if (kind === constants.NODE_PERFORMANCE_GC_MINOR) count += 1;
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  for (let made = 0; made < 4_096; made++) {
    Buffer.allocUnsafeSlow(bufferBytes).fill(1, 0, 1);
    balance(bufferBytes);
    if (made % 16 === 0) await nextTurn();
  }
  // Their record is told in a later turn.
  for (let turn = 0; turn < 10; turn++) await nextTurn();
  observer.disconnect();
  return count;
}

describe('ballast of the young generation', () => {
  it('has it collected about every 24 MiB of Buffers, which V8 alone would not', async () => {
    const ballast = new YoungBallast();
    await collections((bytes) => ballast.balance(bytes));
    expect(await collections(() => undefined)).toBeLessThan(38);
    const balanced = await collections((bytes) => ballast.balance(bytes));
    expect(balanced).toBeGreaterThanOrEqual(38);
    expect(balanced).toBeLessThanOrEqual(100);
  });
});
