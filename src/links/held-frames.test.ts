import { describe, expect, it } from 'vitest';
import { fieldsOf } from '../../test/links/link-bed.ts';
import { FrameFlag, FrameKind } from '../protocol/frame.ts';
import { queuedBytesMax } from '../protocol/limits.ts';
import { createHeldFrames, type HeldFrames } from './held-frames.ts';

function released(held: HeldFrames, now = 0): string[] {
  const names: string[] = [];
  held.release(now, ({ kind, correlation, deadlineMs }) => void names.push(`${kind}/${correlation}/${deadlineMs}`));
  return names;
}

const { message, cancel, open, data, reset, reply } = FrameKind;

describe('held frames', () => {
  it('[F10] go out less the time they waited, and never below zero', () => {
    const held = createHeldFrames();
    held.add(fieldsOf(message, 1, { deadlineMs: 500 }), undefined, undefined, 100);
    held.add(fieldsOf(message, 2, { deadlineMs: 50 }), undefined, undefined, 100);
    held.add(fieldsOf(message, 3), undefined, undefined, 100);
    expect(released(held, 400)).toEqual(['6/1/200', '6/2/0', '6/3/Infinity']);
    expect(released(held)).toEqual([]);
  });

  it('[F1] a cancel takes back its message alone: it is not executed when the dial succeeds after all', () => {
    const held = createHeldFrames();
    held.add(fieldsOf(message, 1), undefined, undefined, 0);
    held.add(fieldsOf(open, 1), undefined, undefined, 0);
    held.add(fieldsOf(message, 2), undefined, undefined, 0);
    expect(held.add(fieldsOf(cancel, 1), undefined, undefined, 0)).toBe('held');
    expect(released(held)).toEqual(['9/1/Infinity', '6/2/Infinity']);
  });

  it("an opener's reset takes back all of its stream; an acceptor's is kept", () => {
    const held = createHeldFrames();
    held.add(fieldsOf(open, 5), undefined, undefined, 0);
    held.add(fieldsOf(data, 5, { flags: FrameFlag.end }), undefined, undefined, 0);
    held.add(fieldsOf(data, 5, { flags: FrameFlag.back }), undefined, undefined, 0);
    held.add(fieldsOf(reset, 5), undefined, undefined, 0);
    held.add(fieldsOf(reset, 6, { flags: FrameFlag.back }), undefined, undefined, 0);
    held.add(fieldsOf(reply, 5), undefined, undefined, 0);
    expect(released(held)).toEqual(['11/5/Infinity', '13/6/Infinity', '7/5/Infinity']);
  });

  it('are bounded, headers included, and what was taken back leaves room', () => {
    const held = createHeldFrames();
    const body = new Uint8Array(queuedBytesMax - 32);
    expect(held.add(fieldsOf(message, 1), undefined, body, 0)).toBe('held');
    expect(held.add(fieldsOf(message, 2), undefined, undefined, 0)).toBe('busy');
    held.add(fieldsOf(cancel, 1), undefined, undefined, 0);
    expect(held.add(fieldsOf(message, 2), undefined, body, 0)).toBe('held');
    held.clear();
    expect(held.add(fieldsOf(message, 3), undefined, body, 0)).toBe('held');
    expect(held.add(fieldsOf(message, 4), undefined, new Uint8Array(1), 0)).toBe('busy');
  });

  it('copies heads, which the sender writes over', () => {
    const held = createHeldFrames();
    const head = new Uint8Array([1, 2]);
    held.add(fieldsOf(message, 1), head, undefined, 0);
    head.fill(9);
    held.release(0, (_, kept) => expect([...(kept ?? [])]).toEqual([1, 2]));
  });
});
