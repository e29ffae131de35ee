import { describe, expect, it } from 'vitest';
import { busyShare, idleAfterMs, idleMemory, lookMsMin } from './idle-memory.ts';

function bed() {
  let [atMs, activeMs, collections] = [0, 0, 0];
  const memory = idleMemory(
    () => ({ atMs, activeMs }),
    () => void (collections += 1),
  );
  return {
    /** Looks this much later, with the loop at work for such a share of it; how often was collected so far? */
    look(afterMs: number, share: number): number {
      atMs += afterMs;
      activeMs += afterMs * share;
      memory.review();
      return collections;
    },
  };
}

describe('memory of an idle process', () => {
  it('is collected once when it has been idle since it began', () => {
    const { look } = bed();
    expect(look(idleAfterMs - lookMsMin - 1, 0.9 * busyShare)).toBe(0);
    expect(look(lookMsMin, 0.9 * busyShare)).toBe(0);
    expect(look(lookMsMin, 0.9 * busyShare)).toBe(1);
    for (let i = 0; i < 20; i++) expect(look(idleAfterMs, 0)).toBe(1);
  });

  it('is collected again when it is idle after it was busy, and not while it is', () => {
    const { look } = bed();
    expect(look(idleAfterMs, 0)).toBe(1);
    for (let i = 0; i < 20; i++) expect(look(2_000, 1.1 * busyShare)).toBe(1);
    expect(look(idleAfterMs - 1, 0)).toBe(1);
    expect(look(lookMsMin, 0)).toBe(2);
  });

  it('is not looked at so often that one turn is a burst', () => {
    const { look } = bed();
    look(idleAfterMs, 0);
    for (let i = 0; i < 40; i++) look(250, i % 10 === 0 ? 0.15 : 0);
    expect(look(idleAfterMs, 0)).toBe(1);
  });
});
