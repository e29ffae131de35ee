import { describe, expect, it } from 'vitest';
import { createVirtualRandom } from '../src/testing/virtual-random.ts';
import { fuzzDatagrams } from './datagram-fuzz.ts';

// Ten million of them: bench/fuzz-datagrams.ts.
describe('mutated datagrams', () => {
  it.each(['a', 'b', 'c'])('crash nothing, leave nothing behind and are not believed, seed %s', (seed) => {
    const { open, sealed, windows } = fuzzDatagrams(10_000, createVirtualRandom(seed));
    expect(sealed.forged).toBe(0);
    expect(windows).toBeLessThanOrEqual(2);
    expect(open.understood).toBeGreaterThan(0);
    for (const reason of ['bad-seal', 'replayed', 'magic', 'version', 'flags', 'unknown-key', 'datagram-too-short']) {
      expect(sealed.reasons[reason], reason).toBeGreaterThan(0);
    }
  });
});
