import { describe, expect, it } from 'vitest';
import { answer, mustOpen, opener, owner, streamBed } from '../../test/delivery/stream-bed.ts';
import { FrameFlag, FrameKind } from '../protocol/frame.ts';
import type { AcceptedStream } from './mesh-stream.ts';

describe('an end that goes with what is before it', () => {
  it('[F8] [F9] three frames carry an open that ends at once and an answer that ends with its bytes', () => {
    const bed = streamBed();
    bed.provide((stream) => {
      stream.accept(answer);
      stream.endWith(new Uint8Array([1, 2]));
      stream.endWith(new Uint8Array([3]));
      stream.end();
    });
    const told = owner();
    const stream = mustOpen(bed.open(told, { isEnded: true }));
    expect(stream.write(new Uint8Array([3]))).toBe(true);
    stream.end();
    expect(bed.a.way.frames.map(({ kind, flags }) => [kind, flags])).toEqual([[FrameKind.open, FrameFlag.end]]);
    bed.deliver(bed.a, bed.b, 1);
    expect(bed.b.way.frames.map(({ kind, flags }) => [kind, flags])).toEqual([
      [FrameKind.accept, FrameFlag.back],
      [FrameKind.data, FrameFlag.back | FrameFlag.end],
    ]);
    bed.settle();
    expect([told.told, told.bytes]).toEqual([
      ['ready', 'accept', 'end', 'finish'],
      [1, 2],
    ]);
    expect(bed.accepted[0]?.owner.told).toEqual(['end', 'finish']);
    expect([bed.counts(), bed.faults]).toEqual([[0, 0, 0, 0], []]);
  });

  it('[F7] who asked for nothing more is still told by a credit that the program is reached', () => {
    const bed = streamBed();
    bed.provide((stream) => stream.ready());
    const told = owner();
    mustOpen(bed.open(told, { isEnded: true }));
    bed.settle();
    expect(told.told).toEqual(['ready']);
    bed.accepted[0]?.stream.accept(answer);
    bed.settle();
    expect(told.told).toEqual(['ready', 'accept']);
  });

  it('who resets when the program is reached is told of no accept', () => {
    const bed = streamBed();
    bed.provide((stream) => stream.accept(answer));
    const told = owner();
    const stream = mustOpen(bed.open(told, { isEnded: true }));
    told.follow = () => stream.reset('cancelled', 'no');
    bed.settle();
    expect([told.told, bed.counts(), bed.faults]).toEqual([['ready'], [0, 0, 0, 0], []]);
  });

  it.each(['busy', 'pressed'] as const)('bytes that end a stream wait for a link that is %s', (result) => {
    const bed = streamBed();
    bed.provide((stream) => stream.accept(answer));
    const told = owner();
    mustOpen(bed.open(told, { isEnded: true }));
    bed.settle();
    const { stream } = bed.accepted[0] as { stream: AcceptedStream };
    bed.b.way.result = ({ kind }) => (kind === FrameKind.data ? result : 'written');
    if (result === 'pressed') stream.write(new Uint8Array([7]));
    stream.endWith(new Uint8Array([8]));
    bed.settle();
    expect(told.bytes).toEqual(result === 'pressed' ? [7] : []);
    bed.b.way.result = () => 'written';
    bed.b.table.onDrain(opener);
    bed.settle();
    expect(told.bytes).toEqual(result === 'pressed' ? [7, 8] : [8]);
    expect([told.told.at(-1), bed.counts()]).toEqual(['finish', [0, 0, 0, 0]]);
  });

  it('bytes that end a stream before its accept follow that', () => {
    const bed = streamBed();
    bed.provide((stream) => stream.endWith(new Uint8Array([5])));
    const told = owner();
    mustOpen(bed.open(told, { isEnded: true }));
    bed.settle();
    expect(told.told).toEqual([]);
    bed.accepted[0]?.stream.accept(answer);
    bed.settle();
    expect([told.told, told.bytes]).toEqual([['ready', 'accept', 'end', 'finish'], [5]]);
  });
});
