import { constants, PerformanceObserver } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { collectedByAgentEveryBytes, collectedEveryBytes, YoungCollector } from './young-collector.ts';

const bufferBytes = 262_144;

/**
 * How often the young generation is collected meanwhile: by itself, or with the whole heap, as V8 does where it is asked for
 * the young one while it happens to be done with marking.
 */
async function collections(act: () => void | Promise<void>): Promise<number> {
  let count = 0;
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { kind } = Reflect.get(entry, 'detail') as { readonly kind: number };
      if (kind === constants.NODE_PERFORMANCE_GC_MINOR || kind === constants.NODE_PERFORMANCE_GC_MAJOR) count += 1;
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  await act();
  // Their record is told in a later turn.
  for (let turn = 0; turn < 10; turn++) await nextTurn();
  observer.disconnect();
  return count;
}

/** A gibibyte of Buffers that nobody holds. */
async function makeBuffers(made: (bytes: number) => void): Promise<void> {
  for (let count = 0; count < 4_096; count++) {
    Buffer.allocUnsafeSlow(bufferBytes).fill(1, 0, 1);
    made(bufferBytes);
    if (count % 16 === 0) await nextTurn();
  }
}

afterEach(() => void vi.unstubAllGlobals());

describe('collector of the young generation', () => {
  it('has it collected every 4 MiB of Buffers, which V8 alone would not', async () => {
    const collector = new YoungCollector();
    const alone = await collections(() => makeBuffers(() => undefined));
    const collected = await collections(() => makeBuffers((bytes) => collector.made(bytes)));
    expect(alone).toBeLessThan(38);
    expect(collected).toBeGreaterThanOrEqual(256);
    expect(collected).toBeLessThanOrEqual(256 + 38);
  });

  it.each([collectedEveryBytes, collectedByAgentEveryBytes])('waits for the last of %i bytes', (everyBytes) => {
    const collect = vi.fn();
    vi.stubGlobal('gc', collect);
    const collector = new YoungCollector(everyBytes);
    collector.made(everyBytes - 1);
    expect(collect).not.toHaveBeenCalled();
    collector.made(1);
    collector.made(everyBytes - 1);
    expect(collect.mock.calls).toEqual([[{ type: 'minor' }]]);
  });

  it('gives the program no way to collect', () => {
    new YoungCollector().made(collectedEveryBytes);
    expect(Reflect.get(globalThis, 'gc')).toBeUndefined();
    expect(runInNewContext('typeof gc')).toBe('undefined');
  });
});
