import { describe, expect, it } from 'vitest';
import { clusterTag, isTagAt } from './cluster-tag.ts';
import { fnv1a32 } from './fnv.ts';
import type { NodeId } from './ids.ts';
import { quantiseLoad } from './load.ts';
import { viewDigestTerm } from './view-digest.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('hashes', () => {
  // Vectors of the authors of FNV.
  it.each([
    ['', 'cbf29ce484222325', 0x811c9dc5],
    ['a', 'af63dc4c8601ec8c', 0xe40c292c],
    ['foobar', '85944171f73967e8', 0xbf9cf968],
  ])('FNV-1a of %j', (text, tag, hash) => {
    expect(hex(clusterTag(text))).toBe(tag);
    expect(fnv1a32(bytesOf(text))).toBe(hash);
  });

  it('a tag is looked for at an offset', () => {
    const tag = clusterTag('home');
    const bytes = Uint8Array.of(9, ...tag);
    expect([isTagAt(bytes, 1, tag), isTagAt(bytes, 0, tag), isTagAt(bytes, 1, clusterTag('work'))]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('[M9] a view digest term is over 20 bytes as on the wire', () => {
    const bytes = Uint8Array.of(0, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3);
    expect(viewDigestTerm('0011223344556677' as NodeId, 4_294_967_298, 3)).toBe(fnv1a32(bytes));
  });
});

describe('loads', () => {
  it.each([
    [0, 0],
    [1, 250],
    [0.5, 125],
    [-1, 0],
    [7, 250],
    [undefined, 255],
    [Number.NaN, 255],
  ])('%s is %i', (load, byte) => {
    expect(quantiseLoad(load)).toBe(byte);
  });
});
