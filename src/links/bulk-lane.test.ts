import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldsOf } from '../../test/links/link-bed.ts';
import { type FrameFields, FrameFlag, FrameKind } from '../protocol/frame.ts';
import { linkMarkBytes } from '../protocol/limits.ts';
import { createBulkLane } from './bulk-lane.ts';
import { underWayBytesMin } from './bulk-pace.ts';

interface Written {
  readonly fields: FrameFields;
  readonly bytes: readonly number[];
}

function bed() {
  const written: Written[] = [];
  const marks: number[] = [];
  let rooms = 0;
  let gathered = 0;
  let flushed = 0;
  const together: number[][] = [];
  const lane = createBulkLane({
    clock: { now: () => 0 },
    queue: {
      push: (fields, head, body) => void written.push({ fields, bytes: [...(head ?? []), ...(body ?? [])] }),
      flush: () => void (flushed += 1),
    },
    stream: {
      gather: () => void (gathered += 1),
      together(write) {
        const before = [written.length, marks.length, flushed];
        write();
        together.push([written.length, marks.length, flushed].map((count, at) => count - (before[at] ?? 0)));
      },
    },
    ping: (number) => void marks.push(number),
    onRoom: () => void (rooms += 1),
  });
  return {
    lane,
    written,
    /** Answers all pings, and those that follow, until no more come. */
    answer() {
      for (let number = marks.shift(); number !== undefined; number = marks.shift()) lane.passed(number);
    },
    answerOne: () => lane.passed(marks.shift() ?? 0),
    rooms: () => rooms,
    gathered: () => gathered,
    together,
    bytes: () => written.flatMap(({ bytes }) => bytes),
  };
}

const data = (correlation = 1, flags = 0) => fieldsOf(FrameKind.data, correlation, { flags });

describe('the lane of bulk', () => {
  it('[F16] writes what may be under way, and the rest as that arrives', () => {
    const { lane, written, bytes, answer } = bed();
    const body = new Uint8Array(200_000).map((_, i) => (i * 7) & 255);
    lane.push(data(), undefined, body);
    expect(written).toHaveLength(1);
    expect(bytes()).toHaveLength(underWayBytesMin);
    expect(lane.waitingBytes()).toBe(32 + 200_000 - underWayBytesMin);
    answer();
    expect(Buffer.from(bytes()).equals(body)).toBe(true);
    expect(lane.waitingBytes()).toBe(0);
  });

  it('writes a piece and the ping behind it together', () => {
    const { lane, together } = bed();
    lane.push(data(), undefined, new Uint8Array(1_000));
    expect(together).toEqual([]);
    lane.push(data(), undefined, new Uint8Array(underWayBytesMin / 2));
    expect(together).toEqual([[1, 1, 1]]);
  });

  it('is above its mark at n + 1, and tells once when half of it is gone', () => {
    const { lane, answer, answerOne, rooms } = bed();
    lane.push(data(), undefined, new Uint8Array(underWayBytesMin));
    expect(lane.push(data(), undefined, new Uint8Array(linkMarkBytes - 32))).toBe(true);
    expect(lane.waitingBytes()).toBe(linkMarkBytes);
    expect(lane.push(fieldsOf(FrameKind.reset), undefined, undefined)).toBe(false);
    answerOne();
    expect(rooms()).toBe(0);
    answer();
    expect(rooms()).toBe(1);
  });

  it('is in no hurry while no message shares the link', () => {
    const { lane, written, gathered, answer } = bed();
    lane.push(data(), undefined, new Uint8Array(200_000));
    answer();
    lane.noteOpen();
    const before = gathered();
    expect(before).toBe(written.length + 1);
    lane.noteMessage();
    lane.noteOpen();
    lane.push(data(), undefined, new Uint8Array(200_000));
    answer();
    expect(gathered()).toBe(before);
  });

  it('keeps a head that is used again', () => {
    const { lane, bytes, answer } = bed();
    lane.push(data(), undefined, new Uint8Array(underWayBytesMin));
    const head = new Uint8Array([1, 2, 3]);
    lane.push(fieldsOf(FrameKind.reset), head, undefined);
    head.fill(9);
    answer();
    expect(bytes().slice(-3)).toEqual([1, 2, 3]);
  });

  it('does not cut what ends a stream', () => {
    const { lane, written, answer } = bed();
    lane.push(data(1, FrameFlag.end), undefined, new Uint8Array(65_536));
    lane.push(data(2, FrameFlag.end), undefined, new Uint8Array(65_536));
    answer();
    expect(written.map(({ bytes }) => bytes.length)).toEqual([65_536, 65_536]);
  });

  it('releases all that waits, in order, and forgets what it is told to', () => {
    const { lane, bytes } = bed();
    const body = new Uint8Array(100_000).map((_, i) => i & 127);
    lane.push(data(), undefined, body);
    lane.release();
    expect(Buffer.from(bytes()).equals(body)).toBe(true);
    lane.push(data(), undefined, body);
    lane.drop();
    lane.release();
    expect([bytes().length, lane.waitingBytes()]).toEqual([100_000, 0]);
  });

  it('keeps the order of all it is given, loses nothing, and never stands still', () => {
    const sizes = fc.constantFrom(0, 1, 100, 8_192, 16_383, 16_384, 32_768, 65_536);
    const step = fc.record({ size: sizes, act: fc.constantFrom('none', 'answer') });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { lane, written, bytes, answer, answerOne } = bed();
        const expected: number[] = [];
        for (const [i, { size, act }] of steps.entries()) {
          const kind = size === 0 ? FrameKind.reset : FrameKind.data;
          lane.push(fieldsOf(kind, i), undefined, size === 0 ? undefined : new Uint8Array(size).fill(i));
          for (let at = 0; at < size; at++) expected.push(i);
          if (act === 'answer') answerOne();
        }
        answer();
        expect(lane.waitingBytes()).toBe(0);
        expect(Buffer.from(bytes()).equals(Buffer.from(expected))).toBe(true);
        const order = written.map(({ fields }) => fields.correlation);
        expect(order).toEqual([...order].sort((a, b) => a - b));
      }),
      { numRuns: 50 },
    );
  });
});
