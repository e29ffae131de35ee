import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FrameFields, FrameKind, writeFrameHeader } from './frame.ts';
import { createFrameParser } from './frame-parser.ts';
import { noNode } from './ids.ts';
import { frameBytesMax, frameBytesMin, frameHeaderBytes } from './limits.ts';
import type { ReceivedFrame } from './received-frame.ts';

function frameOf(restBytes: number, correlation: number, kind: number = FrameKind.message): Uint8Array {
  const fields: FrameFields = { kind, flags: 0, hops: 1, to: noNode, from: noNode, correlation, deadlineMs: 1 };
  const bytes = new Uint8Array(frameHeaderBytes + restBytes).fill(correlation);
  writeFrameHeader(bytes, 0, fields, restBytes);
  return bytes;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function collector() {
  const frames: Uint8Array[] = [];
  const onFrame = ({ bytes, start, end }: ReceivedFrame) => frames.push(bytes.slice(start - frameHeaderBytes, end));
  return { frames, onFrame };
}

describe('the frame parser', () => {
  it('numbers what came together, and says where it ends', () => {
    const parser = createFrameParser();
    const frame = frameOf(3, 1);
    const two = new Uint8Array(2 * frame.length + 5);
    two.set(frame);
    two.set(frame, frame.length);
    two.set(frame.subarray(0, 5), 2 * frame.length);
    const seen: unknown[] = [];
    const note = ({ start, readNumber, readEnd }: ReceivedFrame) => seen.push([start, readNumber, readEnd]);
    parser.push(two, note);
    const rest = new Uint8Array(2 * frame.length - 5);
    rest.set(frame.subarray(5));
    rest.set(frame, frame.length - 5);
    parser.push(rest, note);
    expect(seen).toEqual([
      [32, 1, two.length],
      [frame.length + 32, 1, two.length],
      // Put together from two reads: it lies by itself.
      [32, 2, frame.length],
      [frame.length - 5 + 32, 3, rest.length],
    ]);
  });

  it('finds the same frames however the stream is cut', () => {
    const sizes = fc.array(fc.oneof(fc.nat(40), fc.nat(6_000)), { minLength: 1, maxLength: 6 });
    const cuts = fc.array(fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 3_000 })), {
      minLength: 1,
    });
    fc.assert(
      fc.property(sizes, cuts, (restBytes, lengths) => {
        const sent = restBytes.map((size, i) => frameOf(size, i));
        const stream = joined(sent);
        const parser = createFrameParser();
        const { frames, onFrame } = collector();
        const chunk = new Uint8Array(3_000);
        for (let at = 0, i = 0; at < stream.length; i++) {
          const part = stream.subarray(at, at + lengths[i % lengths.length]!);
          chunk.set(part);
          expect(parser.push(chunk.subarray(0, part.length), onFrame)).toBeUndefined();
          // The chunk is the socket's: it is written over.
          chunk.fill(0xee);
          at += part.length;
        }
        expect(frames).toEqual(sent);
        expect(parser.heldBytes).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('hands a whole frame over in place', () => {
    const chunk = joined([frameOf(5, 1), frameOf(0, 2, FrameKind.ping)]);
    const seen: unknown[] = [];
    createFrameParser().push(chunk, (frame) =>
      seen.push([frame.bytes === chunk, frame.start, frame.end, frame.correlation]),
    );
    expect(seen).toEqual([
      [true, 32, 37, 1],
      [true, 69, 69, 2],
    ]);
  });

  it('keeps what was changed in place out of the next frame', () => {
    const parser = createFrameParser();
    const { frames, onFrame } = collector();
    const first = frameOf(8, 1);
    const second = frameOf(8, 2);
    parser.push(first.subarray(0, 20), onFrame);
    parser.push(joined([first.subarray(20), second.subarray(0, 3)]), (frame) =>
      frame.bytes.fill(0, frame.start, frame.end),
    );
    parser.push(second.subarray(3), onFrame);
    expect(frames).toEqual([second]);
  });

  it.each([
    ['short', (frame: Uint8Array) => frame.fill(0, 0, 4)],
    ['long', (frame: Uint8Array) => frame.fill(255, 0, 4)],
    ['kind', (frame: Uint8Array) => frame.fill(0, 4, 5)],
    ['range', (frame: Uint8Array) => frame.fill(1, 7, 8)],
    ['range', (frame: Uint8Array) => frame.fill(FrameKind.ping, 4, 5)],
  ] as const)('[F4] stops for good: %s', (reason, spoil) => {
    for (const cut of [0, 2, 4, 33]) {
      const good = frameOf(4, 1);
      const stream = joined([good, spoil(frameOf(4, 2)), good]);
      const parser = createFrameParser();
      const { frames, onFrame } = collector();
      parser.push(stream.subarray(0, good.length + cut), onFrame);
      expect(parser.push(stream.subarray(good.length + cut), onFrame)).toBe(reason);
      expect(parser.push(good, onFrame)).toBe(reason);
      expect([frames, parser.heldBytes]).toEqual([[good], 0]);
    }
  });

  it('[F4] holds at the bound', () => {
    const largest = frameOf(frameBytesMax - frameBytesMin, 1);
    const parser = createFrameParser();
    let ends = 0;
    for (let at = 0; at < largest.length; at += 65_536) {
      expect(parser.push(largest.subarray(at, at + 65_536), (frame) => (ends += frame.end))).toBeUndefined();
    }
    expect([ends, parser.heldBytes]).toEqual([largest.length, 0]);
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, frameBytesMax + 1);
    expect(parser.push(length, () => {})).toBe('long');
  });
});
