import { describe, expect, it } from 'vitest';
import { linkWindowBytesMax, streamCreditBytes, streamWindowBytesMax } from '../protocol/limits.ts';
import { ReceiveWindow } from './receive-window.ts';
import { WindowBudget } from './window-budget.ts';

/** Everything is worked off at once, or as `pass` says. */
function createWindowBudget() {
  return new WindowBudget({ now: () => 0 });
}

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

  it('[F7] grows no further than by 32 KiB, all together, while messages go by the same link', () => {
    const budget = createWindowBudget();
    const windows = Array.from({ length: 3 }, () => new ReceiveWindow(budget));
    for (const window of windows) workOff(window, streamWindowBytesMax);
    const before = linkWindowBytesMax - budget.left;
    expect(before).toBeGreaterThan(32_768);
    budget.noteMessage();
    for (let i = 0; i < 4; i++) for (const window of windows) workOff(window, streamWindowBytesMax);
    expect(linkWindowBytesMax - budget.left).toBe(32_768);
    // Long after the last message all is as before.
    for (const window of windows) workOff(window, 300_000_000);
    expect(linkWindowBytesMax - budget.left).toBe(3 * (streamWindowBytesMax - streamCreditBytes));
    for (const window of windows) window.close();
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
      if (i % 400 === 0) budget.noteMessage();
      const growth = linkWindowBytesMax - budget.left;
      expect(given - workedOff).toBeLessThanOrEqual(streamCreditBytes + growth);
      expect(given - workedOff).toBeGreaterThan(0);
    }
  });

  it('[F7] a long way is no reason to shrink', () => {
    let now = 0;
    const budget = new WindowBudget({ now: () => now });
    const window = new ReceiveWindow(budget);
    for (let i = 0; i < 200; i++) {
      budget.noteMessage();
      now += 5;
      window.consumed(streamCreditBytes + (linkWindowBytesMax - budget.left));
    }
    expect(linkWindowBytesMax - budget.left).toBe(streamWindowBytesMax - streamCreditBytes);
  });

  it('[F7] of a slow link, where more under way moves no more, it stays small while messages go by it', () => {
    let now = 0;
    const budget = new WindowBudget({ now: () => now });
    const window = new ReceiveWindow(budget);
    const growths: number[] = [];
    for (let i = 0; i < 2_000; i++) {
      budget.noteMessage();
      const bytes = streamCreditBytes + (linkWindowBytesMax - budget.left);
      now += bytes / 12_500;
      window.consumed(bytes);
      growths.push(linkWindowBytesMax - budget.left);
    }
    expect(Math.max(...growths)).toBeLessThanOrEqual(131_072);
    const larger = growths.filter((growth) => growth > 32_768);
    // It is tried now and then, for the way may be another by now.
    expect(larger.length).toBeGreaterThan(0);
    expect(larger.length).toBeLessThan(growths.length / 20);
  });

  it('[F7] grows again where a way that was slow has become long', () => {
    let now = 0;
    const budget = new WindowBudget({ now: () => now });
    const window = new ReceiveWindow(budget);
    const pass = (msFor: (bytes: number) => number) => {
      budget.noteMessage();
      const bytes = streamCreditBytes + (linkWindowBytesMax - budget.left);
      now += msFor(bytes);
      window.consumed(bytes);
    };
    for (let i = 0; i < 200; i++) pass((bytes) => bytes / 12_500);
    expect(linkWindowBytesMax - budget.left).toBeLessThanOrEqual(131_072);
    for (let i = 0; i < 400; i++) pass(() => 5);
    expect(linkWindowBytesMax - budget.left).toBe(streamWindowBytesMax - streamCreditBytes);
  });
});
