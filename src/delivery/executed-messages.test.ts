import { describe, expect, it } from 'vitest';
import { messageIdOf, replyOf } from '../../test/delivery/delivery-bed.ts';
import { executedMax } from '../protocol/limits.ts';
import { createExecutedMessages } from './executed-messages.ts';

const reply = replyOf({ reason: 'first' });

describe('[F11] executed messages', () => {
  it('are told the first reply for 60 s, and are new after that', () => {
    const executed = createExecutedMessages();
    const id = messageIdOf(1);
    expect(executed.find(id, 0)).toBeUndefined();
    const execution = executed.begin(id, 0);
    expect(executed.find(id, 1)).toMatchObject({ isDone: false, reply: undefined });
    executed.end(execution, reply, true, 10);
    expect(executed.find(id, 60_010)).toMatchObject({ isDone: true, reply });
    expect(executed.find(id, 60_011)).toBeUndefined();
    expect(executed.keptBytes).toBe(0);
  });

  it('those in hand tell a repetition when they are done, each once, and no more than eight', () => {
    const executed = createExecutedMessages();
    const execution = executed.begin(messageIdOf(1), 0);
    const told: number[] = [];
    for (let i = 0; i < 8; i++) expect(executed.join(execution, () => void told.push(i))).toBe(true);
    expect(executed.join(execution, () => void told.push(9))).toBe(false);
    executed.end(execution, reply, true, 1);
    executed.end(execution, reply, true, 2);
    expect(told).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('what was not executed, or given up where that is harmless, may come again', () => {
    const executed = createExecutedMessages();
    const refused = executed.begin(messageIdOf(1), 0);
    executed.end(refused, replyOf({ outcome: 'refused', code: 'busy' }), false, 1);
    expect(executed.find(messageIdOf(1), 2)).toBeUndefined();
    const first = executed.begin(messageIdOf(2), 0);
    executed.forget(first);
    const second = executed.begin(messageIdOf(2), 1);
    // The late end of the first is not that of the second.
    executed.end(first, reply, true, 2);
    expect(executed.find(messageIdOf(2), 3)).toBe(second);
    expect([second.isDone, executed.keptBytes]).toEqual([false, 0]);
  });

  it('at most 65,536 are remembered, the oldest forgotten first', () => {
    const executed = createExecutedMessages();
    for (let i = 0; i < executedMax; i++) executed.end(executed.begin(messageIdOf(i), 0), reply, true, 0);
    expect(executed.find(messageIdOf(0), 1)).toBeDefined();
    executed.begin(messageIdOf(executedMax), 1);
    expect(executed.find(messageIdOf(0), 1)).toBeUndefined();
    expect(executed.find(messageIdOf(1), 1)).toBeDefined();
  });

  it('one that never ends keeps no other one from being forgotten', () => {
    const executed = createExecutedMessages();
    const stuck = executed.begin(messageIdOf(0), 0);
    for (let i = 1; i <= 1_000; i++) {
      executed.end(
        executed.begin(messageIdOf(i), i * 1_000),
        replyOf({ body: new Uint8Array(1_000) }),
        true,
        i * 1_000,
      );
    }
    expect(executed.keptBytes).toBeLessThan(150_000);
    expect(executed.find(messageIdOf(0), 1_000_000)).toBe(stuck);
  });

  it('a large reply is not kept, nor a small one when 16 MiB are: parameters count', () => {
    const executed = createExecutedMessages();
    const large = executed.begin(messageIdOf(1), 0);
    executed.end(large, replyOf({ params: { a: 'x'.repeat(4_096) } }), true, 0);
    expect(executed.find(messageIdOf(1), 1)).toMatchObject({ isDone: true, reply: undefined });
    for (let i = 2; i < 6_000; i++) {
      executed.end(executed.begin(messageIdOf(i), 0), replyOf({ body: new Uint8Array(4_096) }), true, 0);
    }
    expect(executed.keptBytes).toBe(16_777_216);
    executed.begin(messageIdOf(7_000), 61_000);
    expect(executed.keptBytes).toBeLessThan(16_777_216);
  });
});
