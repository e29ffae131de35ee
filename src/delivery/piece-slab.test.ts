import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PieceSlab, slabBytes, slabPieceBytesMin } from './piece-slab.ts';

describe('a slab of pieces', () => {
  it('copies each piece to a place of its own, whatever sizes come', () => {
    const sizes = fc.constantFrom(
      0,
      1,
      4_096,
      slabPieceBytesMin - 1,
      slabPieceBytesMin,
      65_536,
      slabBytes,
      slabBytes + 1,
    );
    fc.assert(
      fc.property(fc.array(sizes, { maxLength: 30 }), (all) => {
        const slab = new PieceSlab();
        const shared = new Uint8Array(slabBytes + 1);
        const copies = all.map((size, i) => slab.copy(shared.fill(i).subarray(0, size)));
        for (const [i, copy] of copies.entries()) {
          expect(copy.length).toBe(all[i]);
          expect(copy.every((byte) => byte === i)).toBe(true);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('large pieces share an allocation, small ones have their own', () => {
    const slab = new PieceSlab();
    const large = Array.from({ length: 5 }, () => slab.copy(new Uint8Array(65_536)).buffer);
    expect(new Set(large.slice(0, 4)).size).toBe(1);
    expect(large[4]).not.toBe(large[0]);
    expect(large[0]?.byteLength).toBe(slabBytes);
    const least = slab.copy(new Uint8Array(slabPieceBytesMin)).buffer;
    expect(least).toBe(large[4]);
    expect(slab.copy(new Uint8Array(slabPieceBytesMin - 1)).buffer).not.toBe(least);
  });

  it('a piece cannot be taken from the others by handing it to a thread', () => {
    const piece = new PieceSlab().copy(new Uint8Array(65_536));
    try {
      structuredClone(piece, { transfer: [piece.buffer as ArrayBuffer] });
    } catch {
      // Later Nodes refuse, earlier ones copy.
    }
    expect(piece.length).toBe(65_536);
  });
});
