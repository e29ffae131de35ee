import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteCopies } from './byte-copies.ts';

describe('byte copies', () => {
  it('stay what they were, whatever follows', () => {
    const sizes = fc.array(fc.oneof(fc.nat(64), fc.nat(5_000)), { maxLength: 60 });
    fc.assert(
      fc.property(sizes, (lengths) => {
        const copies = new ByteCopies();
        const source = new Uint8Array(5_010);
        const taken = lengths.map((length, i) => {
          source.fill(i + 1);
          return copies.take(source, 7, 7 + length);
        });
        taken.forEach((copy, i) => expect(copy).toEqual(new Uint8Array(lengths[i] as number).fill(i + 1)));
      }),
    );
  });

  it("and windows to be filled are nobody else's", () => {
    const copies = new ByteCopies();
    const windows = [1, 64, 2_048, 2_049, 16_384, 100].map((length) => copies.room(length));
    windows.forEach((window, i) => window.fill(i + 1));
    const after = copies.take(new Uint8Array(50).fill(9), 0, 50);
    windows.forEach((window, i) => expect(window.every((byte) => byte === i + 1)).toBe(true));
    expect(windows.map(({ length }) => length)).toEqual([1, 64, 2_048, 2_049, 16_384, 100]);
    expect(after).toEqual(new Uint8Array(50).fill(9));
  });

  it('small ones share memory, large ones do not keep each other', () => {
    const copies = new ByteCopies();
    const source = new Uint8Array(4_096);
    expect(copies.take(source, 0, 2_048).buffer).toBe(copies.take(source, 0, 2_048).buffer);
    expect(copies.take(source, 0, 2_049).buffer.byteLength).toBe(2_049);
  });
});
