import { expect, it } from 'vitest';
import type { AcceptedStream } from '../delivery/mesh-stream.ts';
import { AnswerWriter } from './answer-writer.ts';
import { byteSlots } from './byte-sink.ts';

it.each([10, 65_536, 200_000])('the last %i bytes of a body are copied, and the stream ends once', (length) => {
  const told: (number | 'end')[] = [];
  const pieces: Uint8Array[] = [];
  const write = (bytes: Uint8Array) => {
    pieces.push(bytes);
    told.push(bytes.length);
    return true;
  };
  const stream: Partial<AcceptedStream> = {
    accept() {},
    write,
    end: () => void told.push('end'),
    endWith(bytes) {
      write(bytes);
      told.push('end');
    },
    unwrittenBytes: () => Number.POSITIVE_INFINITY,
  };
  const answer = new AnswerWriter(stream as AcceptedStream, byteSlots());
  answer.begin({ status: 200, reason: 'OK', headers: [] }, false);
  const bytes = new Uint8Array(length).fill(1);
  answer.lastOfBody(bytes);
  bytes.fill(9);
  answer.end([]);
  expect(told.filter((word) => word === 'end')).toEqual(['end']);
  expect(told.at(-1)).toBe('end');
  expect(Buffer.concat(pieces).equals(Buffer.alloc(length, 1))).toBe(true);
});
