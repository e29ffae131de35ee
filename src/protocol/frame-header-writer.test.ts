import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FrameFields, writeFrameHeader } from './frame.ts';
import { FrameHeaderWriter } from './frame-header-writer.ts';
import type { NodeId } from './ids.ts';

const ids = fc.constantFrom('0000000000000000', 'ffffffffffffffff', '0123456789abcdef') as fc.Arbitrary<NodeId>;
const byte = fc.nat(255);
const fields: fc.Arbitrary<FrameFields> = fc.record({
  kind: byte,
  flags: byte,
  hops: byte,
  to: ids,
  from: ids,
  correlation: fc.nat(0xffff_ffff),
  deadlineMs: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.double({ min: -1, max: 1e9, noNaN: true })),
});

describe('the header writer', () => {
  it('writes what one writes who writes but one, into whatever bytes', () => {
    const frame = fc.tuple(fields, fc.nat(0xffff), fc.nat(40), fc.nat(2));
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 20 }), (frames) => {
        const writer = new FrameHeaderWriter();
        // The second lies in the middle of its memory.
        const memory = new Uint8Array(400).fill(7);
        const places = [new Uint8Array(100), memory.subarray(150, 250), new Uint8Array(72).fill(255)];
        for (const [one, restBytes, offset, place] of frames) {
          const bytes = places[place] as Uint8Array;
          const wanted = bytes.slice();
          writeFrameHeader(wanted, offset, one, restBytes);
          writer.write(bytes, offset, one, restBytes);
          expect(bytes).toEqual(wanted);
        }
        expect([...memory.subarray(0, 150), ...memory.subarray(250)]).toEqual(new Array(300).fill(7));
      }),
    );
  });
});
