import { describe, expect, it } from 'vitest';
import { linkWindowBytesMax, streamCreditBytes, streamWindowBytesMax } from '../protocol/limits.ts';
import { ReceiveWindow } from './receive-window.ts';

const createWindowBudget = () => ({ left: linkWindowBytesMax });

/** What a sender has been given in all, when everything is worked off at once. */
function workOff(window: ReceiveWindow, bytes: number): number {
  let given = 0;
  for (let done = 0; done < bytes; done += 1_024) given += window.consumed(1_024);
  return given;
}

describe('the window of a stream', () => {
  it('[F7] gives back what is worked off, in pieces', () => {
    const window = new ReceiveWindow(createWindowBudget());
    expect(window.consumed(streamCreditBytes / 4 - 1)).toBe(0);
    expect(window.consumed(1)).toBe(streamCreditBytes / 4);
    expect(window.consumed(streamCreditBytes)).toBe(streamCreditBytes);
  });

  it('[F7] doubles with every two windows that are worked off, to its bound and not beyond', () => {
    const budget = createWindowBudget();
    const window = new ReceiveWindow(budget);
    expect(workOff(window, 2 * streamCreditBytes)).toBe(3 * streamCreditBytes);
    const all = 16 * streamWindowBytesMax;
    const given = workOff(window, all);
    expect(given - all + 2 * streamCreditBytes).toBeLessThanOrEqual(streamWindowBytesMax);
    expect(linkWindowBytesMax - budget.left).toBe(streamWindowBytesMax - streamCreditBytes);
    expect(workOff(window, all)).toBe(all);
    window.close();
    expect(budget.left).toBe(linkWindowBytesMax);
  });

  it('[F7] all windows of a link together keep to their bound', () => {
    const budget = createWindowBudget();
    const windows = Array.from({ length: 100 }, () => new ReceiveWindow(budget));
    for (const window of windows) workOff(window, 8 * streamWindowBytesMax);
    expect(budget.left).toBe(0);
    expect(workOff(new ReceiveWindow(budget), 1_048_576)).toBe(1_048_576);
    for (const window of windows) window.close();
    expect(budget.left).toBe(linkWindowBytesMax);
  });

  it('one that is not read does not grow', () => {
    const budget = createWindowBudget();
    new ReceiveWindow(budget).consumed(streamCreditBytes);
    expect(budget.left).toBe(linkWindowBytesMax);
  });

  it('[F7] what is given and what is worked off agree, whatever comes between', () => {
    const budget = createWindowBudget();
    const window = new ReceiveWindow(budget);
    let given = streamCreditBytes;
    let workedOff = 0;
    for (let i = 0; i < 20_000; i++) {
      const count = Math.min(given - workedOff, 1 + ((i * 7_919) % 9_000));
      workedOff += count;
      given += window.consumed(count);
      const growth = linkWindowBytesMax - budget.left;
      expect(given - workedOff).toBeLessThanOrEqual(streamCreditBytes + growth);
      expect(given - workedOff).toBeGreaterThan(0);
    }
  });
});
