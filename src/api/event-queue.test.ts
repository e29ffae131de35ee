import { describe, expect, it, vi } from 'vitest';
import { eventQueue } from './event-queue.ts';

describe('eventQueue', () => {
  it('yields what was pushed, in order, and ends', async () => {
    const queue = eventQueue<number>(() => {});
    for (let i = 0; i < 3_000; i += 1) queue.push(i);
    queue.end();
    const seen: number[] = [];
    for await (const each of queue) seen.push(each);
    expect(seen).toEqual(Array.from({ length: 3_000 }, (_, i) => i));
  });

  it('hands a waiting reader the event', async () => {
    const queue = eventQueue<number>(() => {});
    const next = queue.next();
    queue.push(7);
    expect(await next).toEqual({ done: false, value: 7 });
  });

  it('at n + 1 behind, it yields n and then an error', async () => {
    const onEnd = vi.fn();
    const queue = eventQueue<number>(onEnd, 3);
    for (let i = 0; i < 5; i += 1) queue.push(i);
    expect(onEnd).toHaveBeenCalledTimes(1);
    const seen: number[] = [];
    const read = async () => {
      for await (const each of queue) seen.push(each);
    };
    await expect(read()).rejects.toMatchObject({ code: 'busy' });
    expect(seen).toEqual([0, 1, 2]);
  });

  it('tells once that the reader has left', async () => {
    const onEnd = vi.fn();
    const queue = eventQueue<number>(onEnd);
    queue.push(1);
    queue.push(2);
    for await (const each of queue) if (each === 1) break;
    queue.end();
    expect(onEnd).toHaveBeenCalledTimes(1);
    expect(await queue.next()).toEqual({ done: true, value: undefined });
  });
});
