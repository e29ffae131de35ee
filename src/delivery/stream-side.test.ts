import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  acceptor,
  answer,
  linkHoldsBytes,
  mustOpen,
  opener,
  owner,
  streamBed,
} from '../../test/delivery/stream-bed.ts';
import { FrameFlag, FrameKind } from '../protocol/frame.ts';
import { streamCreditBytes } from '../protocol/limits.ts';

const lost = { reached: true, text: 'gone' };
const bytesOf = (count: number) => new Uint8Array(count).map((_, i) => (i * 7) & 255);

describe('two sides of a stream', () => {
  it('whatever the order of things: the same bytes in order, and one end on each side', () => {
    const act = fc.record({
      side: fc.boolean(),
      kind: fc.constantFrom(
        'write',
        'write',
        'write',
        'consume',
        'end',
        'end with',
        'deliver',
        'deliver',
        'pressed',
        'busy',
        'drain',
        'accept',
      ),
      size: fc.constantFrom(1, 1_000, 70_000, 300_000),
    });
    const last = fc.constantFrom('end', 'reset a', 'reset b', 'lost');
    fc.assert(
      fc.property(fc.array(act, { maxLength: 50 }), last, (acts, how) => {
        const bed = streamBed();
        bed.provide();
        const events = [owner(), owner()] as const;
        const a = mustOpen(bed.open(events[0]));
        bed.settle();
        const b = bed.accepted[0];
        if (b === undefined) throw new Error('not opened');
        const streams = [a, b.stream] as const;
        const owners = [events[0], b.owner] as const;
        const sides = [bed.a, bed.b] as const;
        const written: number[][] = [[], []];
        const seen = [0, 0];
        const ended = [false, false];
        const consume = (i: 0 | 1) => {
          const count = owners[i].bytes.length - (seen[i] ?? 0);
          seen[i] = owners[i].bytes.length;
          streams[i].consumed(count);
        };
        const drain = (i: 0 | 1) => {
          sides[i].way.result = () => 'written';
          sides[i].table.onDrain(i === 0 ? acceptor : opener);
        };
        for (const { side, kind, size } of acts) {
          const i = side ? 1 : 0;
          if (kind === 'write' && !ended[i]) {
            const bytes = bytesOf(size);
            for (const byte of bytes) written[i]?.push(byte);
            streams[i].write(bytes);
          }
          if (kind === 'consume') consume(i);
          if (kind === 'end') {
            ended[i] = true;
            streams[i].end();
          }
          if (kind === 'end with' && i === 1 && !ended[1]) {
            ended[1] = true;
            const bytes = bytesOf(size);
            for (const byte of bytes) written[1]?.push(byte);
            b.stream.endWith(bytes);
          }
          if (kind === 'deliver') bed.deliver(sides[i], sides[1 - i] as typeof bed.a, 3);
          if (kind === 'pressed') sides[i].way.result = () => 'pressed';
          if (kind === 'busy') {
            sides[i].way.result = ({ kind: of, flags }) =>
              of === FrameKind.data && (flags & FrameFlag.end) === 0 ? 'busy' : 'written';
          }
          if (kind === 'drain') drain(i);
          if (kind === 'accept') b.stream.accept(answer);
        }
        if (how === 'end') {
          b.stream.accept(answer);
          for (const stream of streams) stream.end();
        }
        if (how === 'reset a') a.reset('cancelled', '');
        if (how === 'reset b') b.stream.reset('cancelled', '');
        if (how === 'lost') bed.lose(lost);
        for (let round = 0; round < 40; round++) {
          for (const i of [0, 1] as const) {
            drain(i);
            consume(i);
          }
          bed.settle();
        }
        for (const i of [0, 1] as const) {
          const got = Buffer.from(owners[1 - i]?.bytes ?? []);
          const sent = Buffer.from(written[i] ?? []);
          expect(got.equals(sent.subarray(0, got.length))).toBe(true);
          if (how === 'end') expect(got.length).toBe(sent.length);
          const ends = owners[i].told.filter((what) => what === 'finish' || what.startsWith('reset'));
          const isDone = ends[0] === 'finish';
          const own = (how === 'reset a' && i === 0) || (how === 'reset b' && i === 1);
          expect(ends.length).toBe(own && !isDone ? 0 : 1);
        }
        expect([bed.faults, bed.counts()]).toEqual([[], [0, 0, 0, 0]]);
      }),
      { numRuns: 60 },
    );
  });
});

it('what waits for credit is not written, nor what the link holds', () => {
  const bed = streamBed();
  bed.provide();
  const stream = mustOpen(bed.open(owner()));
  bed.settle();
  const accepted = bed.accepted[0]?.stream;
  if (accepted === undefined) throw new Error('not opened');
  accepted.accept(answer);
  expect(accepted.unwrittenBytes()).toBe(linkHoldsBytes);
  accepted.write(bytesOf(streamCreditBytes));
  expect(accepted.unwrittenBytes()).toBe(linkHoldsBytes);
  accepted.write(bytesOf(3));
  accepted.write(bytesOf(4));
  expect(accepted.unwrittenBytes()).toBe(7 + linkHoldsBytes);
  bed.settle();
  stream.consumed(streamCreditBytes);
  bed.settle();
  expect(accepted.unwrittenBytes()).toBe(linkHoldsBytes);
  stream.write(bytesOf(streamCreditBytes + 5));
  expect(stream.unwrittenBytes()).toBe(5 + linkHoldsBytes);
  stream.reset('failed', 'enough');
  bed.settle();
  expect([stream.unwrittenBytes(), accepted.unwrittenBytes()]).toEqual([
    Number.POSITIVE_INFINITY,
    Number.POSITIVE_INFINITY,
  ]);
});
