import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packedItemBytes } from '../protocol/gossip-packet.ts';
import { ItemType, type RawItem } from '../protocol/raw-item.ts';
import { createDissemination } from './dissemination.ts';
import { transmitLimit } from './transmit-limit.ts';

const item = (mark: number, bytes = 50, type: number = ItemType.member): RawItem => ({
  type,
  bytes: new Uint8Array(bytes).fill(mark),
});
const marks = (items: readonly RawItem[]) => items.map((it) => it.bytes[0]);

describe('the news to be passed on', () => {
  it.each([
    [1, 3],
    [2, 6],
    [3, 6],
    [10, 12],
    [32, 18],
    [2_000, 33],
  ])('[M6] of %i live is passed on at most %i times', (live, times) => {
    expect(transmitLimit(live)).toBe(times);
    const news = createDissemination();
    news.put('a', item(1));
    let sent = 0;
    for (let i = 0; i < 100; i++) sent += news.take(1_000, transmitLimit(live)).length;
    expect(sent).toBe(times);
    expect(news.size()).toBe(0);
    expect(news.pressing()).toBe(false);
  });

  it('[M6] goes fewest-sent first', () => {
    const news = createDissemination();
    news.put('a', item(1));
    news.take(1_000, 9);
    news.put('b', item(2));
    expect(marks(news.take(53, 9))).toEqual([2]);
    expect(marks(news.take(53, 9))).toEqual([1]);
    expect(marks(news.take(106, 9))).toEqual([2, 1]);
  });

  it('replaces older news of the same key and begins anew', () => {
    const news = createDissemination();
    news.put('a', item(1));
    news.take(1_000, 3);
    news.put('a', item(2));
    expect(news.size()).toBe(1);
    expect([1, 2, 3, 4].map(() => marks(news.take(1_000, 3)))).toEqual([[2], [2], [2], []]);
  });

  it('[M6] passes on so much less often what has a share, and presses only for what is to press', () => {
    const news = createDissemination();
    for (const presses of [false, true]) {
      news.put('load', item(1, 50, ItemType.load), 1 / 4, presses);
      expect(news.pressing()).toBe(presses);
      let sent = 0;
      for (let i = 0; i < 100; i++) sent += news.take(1_000, 24).length;
      expect(sent).toBe(6);
      expect(news.pressing()).toBe(false);
    }
  });

  it('passes over what does not fit, and looks at few of those', () => {
    const news = createDissemination();
    for (let i = 0; i < 10; i++) news.put(`large ${i}`, item(1, 500));
    news.put('small', item(2, 40));
    expect(marks(news.take(60, 9))).toEqual([2]);
    for (let i = 10; i < 2_000; i++) news.put(`large ${i}`, item(1, 500));
    expect(news.take(60, 9)).toEqual([]);
  });

  it('never gives more than there is room for, nor one item twice', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 30, max: 900 })), { maxLength: 60 }),
        fc.array(fc.integer({ min: 0, max: 1_158 }), { maxLength: 20 }),
        (puts, rooms) => {
          const news = createDissemination();
          for (const [key, bytes] of puts) news.put(String(key), item(key, bytes));
          for (const room of rooms) {
            const taken = news.take(room, 8);
            expect(taken.reduce((sum, it) => sum + packedItemBytes(it), 0)).toBeLessThanOrEqual(room);
            expect(new Set(marks(taken)).size).toBe(taken.length);
          }
        },
      ),
    );
  });
});
