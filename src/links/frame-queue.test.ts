import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldsOf, frameBytes } from '../../test/links/link-bed.ts';
import { createFrameQueue } from './frame-queue.ts';

/** Takes what it is told to, and keeps the rest by reference, as a socket does. */
function slowSink() {
  const pending: Uint8Array[] = [];
  const taken: Uint8Array[] = [];
  const buffers = new Set<ArrayBufferLike>();
  return {
    get taken() {
      return Buffer.concat(taken);
    },
    buffers,
    takes: true,
    write(bytes: Uint8Array) {
      pending.push(bytes);
      buffers.add(bytes.buffer);
      if (this.takes) this.take();
      return this.takes;
    },
    writeBoth(first: Uint8Array, second: Uint8Array) {
      this.write(first);
      return this.write(second);
    },
    take() {
      for (const bytes of pending.splice(0)) taken.push(bytes.slice());
    },
    get queuedBytes() {
      return pending.reduce((sum, bytes) => sum + bytes.length, 0);
    },
  };
}

describe('a frame queue', () => {
  it('writes once a turn what was pushed in it', async () => {
    const sink = slowSink();
    const queue = createFrameQueue(sink);
    queue.push(fieldsOf(6, 1), new Uint8Array([1]), new Uint8Array([2]));
    queue.push(fieldsOf(7, 2), undefined, undefined);
    expect(sink.taken.length).toBe(0);
    expect(queue.queuedBytes()).toBe(66);
    await Promise.resolve();
    expect([...sink.taken]).toEqual([
      ...frameBytes(fieldsOf(6, 1), new Uint8Array([1, 2])),
      ...frameBytes(fieldsOf(7, 2)),
    ]);
    expect(queue.queuedBytes()).toBe(0);
  });

  it('writes sooner when 16 KiB are queued, so that whoever reads can begin', async () => {
    const sink = slowSink();
    const queue = createFrameQueue(sink);
    const head = new Uint8Array(992);
    // The slab is as large as it gets after that.
    for (let i = 0; i < 16; i++) queue.push(fieldsOf(6, i), head, undefined);
    await Promise.resolve();
    expect(sink.taken.length).toBe(16_384);
    for (let i = 0; i < 15; i++) queue.push(fieldsOf(6, i), head, undefined);
    expect(sink.taken.length).toBe(16_384);
    queue.push(fieldsOf(6, 15), head, undefined);
    expect(sink.taken.length).toBe(32_768);
    queue.push(fieldsOf(6, 16), head, undefined);
    expect(sink.taken.length).toBe(32_768);
    await Promise.resolve();
    expect(sink.taken.length).toBe(33 * 1_024);
    expect(queue.queuedBytes()).toBe(0);
  });

  it('copies a head of any size at once', async () => {
    const sink = slowSink();
    sink.takes = false;
    const queue = createFrameQueue(sink);
    const head = new Uint8Array(200_000).fill(7);
    queue.push(fieldsOf(6, 1), head, undefined);
    head.fill(8);
    await Promise.resolve();
    sink.take();
    expect(sink.taken.equals(frameBytes(fieldsOf(6, 1), new Uint8Array(200_000).fill(7)))).toBe(true);
  });

  it('holds about what was pushed when the sink takes nothing, one small write after the other', async () => {
    const sink = slowSink();
    sink.takes = false;
    const queue = createFrameQueue(sink);
    for (let i = 0; i < 1_000; i++) {
      queue.push(fieldsOf(6, i), new Uint8Array(68), undefined);
      queue.flush();
    }
    expect(queue.queuedBytes()).toBe(100_000);
    expect(sink.buffers.size).toBeLessThanOrEqual(4);
  });

  it('forgets what was not flushed', async () => {
    const sink = slowSink();
    const queue = createFrameQueue(sink);
    queue.push(fieldsOf(6, 1), undefined, undefined);
    queue.drop();
    await Promise.resolve();
    expect(sink.taken.length).toBe(0);
    expect(queue.queuedBytes()).toBe(0);
  });

  it('never changes bytes or their order, whatever sizes come and however the sink takes them', async () => {
    const sizes = fc.constantFrom(0, 1, 100, 8_192, 8_193, 32_000, 65_504, 65_536, 70_000);
    const step = fc.record({ head: sizes, body: sizes, act: fc.constantFrom('none', 'flush', 'take', 'stop', 'go') });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const sink = slowSink();
        const queue = createFrameQueue(sink);
        const expected: Uint8Array[] = [];
        let bytes = 0;
        for (const [i, { head, body, act }] of steps.entries()) {
          const rest = new Uint8Array(head + body).map((_, at) => (at * 31 + i) & 255);
          const shared = rest.slice(0, head);
          queue.push(fieldsOf(6, i), shared, rest.subarray(head));
          shared.fill(0);
          expected.push(frameBytes(fieldsOf(6, i), rest));
          bytes += 32 + rest.length;
          if (act === 'flush') queue.flush();
          if (act === 'take') sink.take();
          if (act === 'stop') sink.takes = false;
          if (act === 'go') sink.takes = true;
          expect(queue.queuedBytes() + sink.taken.length).toBe(bytes);
        }
        queue.flush();
        sink.take();
        expect(sink.taken.equals(Buffer.concat(expected))).toBe(true);
      }),
      { numRuns: 30 },
    );
  });
});
