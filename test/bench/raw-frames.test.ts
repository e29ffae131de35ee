import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createRawParser, createRawWriter, oneWay } from '../../bench/programs/raw-frames.ts';

/** Takes what is written, and has room for it. */
function bytesOf(put: (writer: ReturnType<typeof createRawWriter>) => void): Uint8Array {
  const written: Buffer[] = [];
  const write = (bytes: Uint8Array) => written.push(Buffer.from(bytes)) > 0;
  const writer = createRawWriter({ write, writableLength: 0 } as unknown as Socket);
  put(writer);
  writer.flush();
  return Buffer.concat(written);
}

const bodies = [0, 1, 5, 300].map((size) => Uint8Array.from({ length: size }, (_, i) => i % 251));

describe('the frames of the references', () => {
  const wire = bytesOf((writer) => {
    bodies.forEach((body, i) => {
      writer.put(i, body, 0, body.length);
      writer.put(oneWay, body, 0, body.length);
    });
  });

  it.each([1, 2, 7, 8, 9, 100, 10_000])('come whole out of reads of %i bytes', (size) => {
    const frames: [number, string][] = [];
    const oneWays: number[] = [];
    const parse = createRawParser({
      onFrame: (tag, bytes, from, to) => frames.push([tag, Buffer.from(bytes.subarray(from, to)).toString('hex')]),
      onOneWay: (count) => oneWays.push(count),
    });
    for (let at = 0; at < wire.length; at += size) parse(wire.subarray(at, at + size));
    expect(frames).toEqual(bodies.map((body, i) => [i, Buffer.from(body).toString('hex')]));
    expect(oneWays).toEqual(bodies.map((body) => body.length));
  });

  it('are one write as long as they fit into a slab, and larger ones than a slab go too', () => {
    const large = new Uint8Array(100_000).fill(7);
    const sizes: number[] = [];
    const parse = createRawParser({ onFrame: (_tag, _bytes, from, to) => sizes.push(to - from), onOneWay: () => 0 });
    parse(
      bytesOf((writer) => {
        writer.put(1, large, 0, large.length);
        writer.put(2, large, 10, 20);
      }),
    );
    expect(sizes).toEqual([100_000, 10]);
  });
});
