import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { messageIdOf } from '../../test/delivery/delivery-bed.ts';
import { writeMessageId } from '../protocol/ids.ts';
import { executedMax } from '../protocol/limits.ts';
import { createExecutedMessages } from './executed-messages.ts';

const head = Uint8Array.of(1, 2, 3);
const body = Uint8Array.of(4, 5);
const whole = Uint8Array.of(1, 2, 3, 4, 5);

/** Ids by number, somewhere in a frame. */
function bed(seed = 7) {
  const executed = createExecutedMessages(seed);
  const frame = new Uint8Array(40);
  const at = (n: number) => {
    writeMessageId(frame, 3, messageIdOf(n));
    return frame;
  };
  return {
    executed,
    find: (n: number, now: number) => executed.find(at(n), 3, now),
    begin: (n: number, now: number) => {
      executed.find(at(n), 3, now);
      return executed.begin(now);
    },
    end: (execution: number, now: number, isExecuted = true) => executed.end(execution, head, body, isExecuted, now),
  };
}

describe('[F11] executed messages', () => {
  it('are told the first reply for 60 s, and are new after that', () => {
    const { executed, find, begin, end } = bed();
    expect(find(1, 0)).toBe(-1);
    const execution = begin(1, 0);
    expect(find(1, 1)).toBe(execution);
    expect([executed.isDone(execution), executed.replyOf(execution)]).toEqual([false, undefined]);
    end(execution, 10);
    expect(find(1, 60_010)).toBe(execution);
    expect([executed.isDone(execution), executed.replyOf(execution)]).toEqual([true, whole]);
    expect(find(1, 60_011)).toBe(-1);
    expect(executed.keptBytes).toBe(0);
  });

  it('that were only delivered keep no reply: it can be made again, for 60 s', () => {
    const { executed, find, begin } = bed();
    const execution = begin(1, 0);
    const told: (readonly [Uint8Array, Uint8Array | undefined])[] = [];
    executed.join(execution, (...reply) => void told.push(reply));
    expect(executed.endDelivered(execution, 10)).toBe(true);
    executed.tellWaiting(execution, head, undefined);
    expect(executed.endDelivered(execution, 10)).toBe(false);
    executed.tellWaiting(execution, head, undefined);
    expect(told).toEqual([[head, undefined]]);
    expect([executed.isDone(execution), executed.isDelivered(execution)]).toEqual([true, true]);
    expect([executed.replyOf(execution), executed.keptBytes]).toEqual([undefined, 0]);
    expect([find(1, 60_010), find(1, 60_011)]).toEqual([execution, -1]);
  });

  it('those in hand tell a repetition when they are done, each once, and no more than eight', () => {
    const { executed, begin, end } = bed();
    const execution = begin(1, 0);
    const told: number[] = [];
    for (let i = 0; i < 8; i++) expect(executed.join(execution, () => void told.push(i))).toBe(true);
    expect(executed.join(execution, () => void told.push(9))).toBe(false);
    end(execution, 1);
    end(execution, 2);
    expect(told).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('what was not executed, or given up where that is harmless, may come again', () => {
    const { executed, find, begin, end } = bed();
    end(begin(1, 0), 1, false);
    expect(find(1, 2)).toBe(-1);
    const first = begin(2, 0);
    const told: number[] = [];
    executed.join(first, () => void told.push(1));
    executed.forget(first);
    const second = begin(2, 1);
    // The late end of the first is not that of the second, but who waited for it is told.
    end(first, 2);
    expect(find(2, 3)).toBe(second);
    expect([executed.isDone(second), executed.keptBytes, told]).toEqual([false, 0, [1]]);
  });

  it('one that ends late is not taken for the one that has its place now', () => {
    const { executed, find, begin, end } = bed();
    const late = begin(0, 0);
    executed.forget(late);
    for (let i = 1; i <= 3_000; i++) end(begin(i, i * 100), i * 100);
    const inHand = Array.from({ length: 2_000 }, (_, i) => begin(10_000 + i, 300_001));
    end(late, 300_002);
    for (const [i, execution] of inHand.entries()) {
      expect([find(10_000 + i, 300_003), executed.isDone(execution)]).toEqual([execution, false]);
    }
  });

  it('at most 65,536 are remembered, the oldest forgotten first', () => {
    const { find, begin, end } = bed();
    for (let i = 0; i < executedMax; i++) end(begin(i, 0), 0);
    expect(find(0, 1)).not.toBe(-1);
    begin(executedMax, 1);
    expect(find(0, 1)).toBe(-1);
    for (let i = 1; i <= executedMax; i++) expect(find(i, 1)).not.toBe(-1);
  });

  it('one that never ends keeps no other one from being forgotten', () => {
    const { executed, find, begin } = bed();
    const stuck = begin(0, 0);
    for (let i = 1; i <= 1_000; i++) {
      executed.end(begin(i, i * 1_000), head, new Uint8Array(1_000), true, i * 1_000);
    }
    expect(executed.keptBytes).toBeLessThan(150_000);
    expect(find(0, 1_000_000)).toBe(stuck);
  });

  it('a large reply is not kept; of 16 MiB the newest are', () => {
    const { executed, begin } = bed();
    const large = begin(1, 0);
    executed.end(large, head, new Uint8Array(4_094), true, 0);
    expect([executed.isDone(large), executed.replyOf(large)]).toEqual([true, undefined]);
    const names: number[] = [];
    for (let i = 2; i < 6_000; i++) {
      const name = begin(i, 0);
      names.push(name);
      executed.end(name, head, new Uint8Array(4_093).fill(i), true, 0);
    }
    const kept = names.filter((name) => executed.replyOf(name) !== undefined).length;
    expect(executed.keptBytes).toBe(kept * 4_096);
    expect(kept).toBe(16_777_216 / 4_096);
    expect(executed.replyOf(names.at(-kept - 1) as number)).toBeUndefined();
    expect(executed.replyOf(names[0] as number)).toBeUndefined();
    expect(executed.replyOf(names.at(-1) as number)?.[4_000]).toBe(5_999 & 0xff);
    expect(executed.replyOf(names.at(-kept) as number)?.length).toBe(4_096);
  });

  it('behave as a plain map would', () => {
    const step = fc.record({
      do: fc.constantFrom('begin', 'end', 'refuse', 'forget'),
      id: fc.nat(20),
      waitMs: fc.nat(9_000),
      size: fc.nat(4_200),
    });
    fc.assert(
      fc.property(fc.integer(), fc.array(step, { maxLength: 300 }), (seed, steps) => {
        const { executed, find, begin } = bed(seed);
        const model = new Map<number, { name: number; doneAt: number | undefined; size: number }>();
        let now = 0;
        for (const { do: what, id, waitMs, size } of steps) {
          now += waitMs;
          const known = model.get(id);
          if (known?.doneAt !== undefined && now - known.doneAt > 60_000) model.delete(id);
          const entry = model.get(id);
          expect(find(id, now)).toBe(entry?.name ?? -1);
          if (entry === undefined) {
            if (what === 'begin') model.set(id, { name: begin(id, now), doneAt: undefined, size: 0 });
            continue;
          }
          const kept = entry.doneAt !== undefined && entry.size > 0 && entry.size <= 4_096;
          expect(executed.replyOf(entry.name)?.length).toBe(kept ? entry.size : undefined);
          if (entry.doneAt !== undefined) continue;
          if (what === 'end') {
            executed.end(entry.name, new Uint8Array(size), undefined, true, now);
            Object.assign(entry, { doneAt: now, size });
          } else if (what !== 'begin') {
            if (what === 'refuse') executed.end(entry.name, head, undefined, false, now);
            else executed.forget(entry.name);
            model.delete(id);
          }
        }
      }),
    );
  });
});
