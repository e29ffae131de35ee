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

  it('of frames that came together stay what they were, too, whatever is read after them', () => {
    const sizes = fc.array(fc.oneof(fc.nat(64), fc.nat(5_000)), { maxLength: 60 });
    fc.assert(
      fc.property(fc.array(sizes, { maxLength: 6 }), (reads) => {
        const copies = new ByteCopies();
        const source = new Uint8Array(400_000);
        const frame = { bytes: source, start: 0, end: 0, readNumber: 0, readEnd: 0 };
        const taken: { readonly copy: Uint8Array; readonly original: Uint8Array }[] = [];
        reads.forEach((lengths, number) => {
          source.forEach((_, at) => {
            source[at] = at + number;
          });
          frame.readNumber = number + 1;
          frame.readEnd = lengths.reduce((sum, length) => sum + length + 7, 0);
          let at = 0;
          for (const length of lengths) {
            const start = at + 7;
            at = start + length;
            taken.push({ copy: copies.takeOf(frame, start, at), original: source.slice(start, at) });
          }
          // Once more one of those before.
          const first = lengths[0] ?? 0;
          taken.push({ copy: copies.takeOf(frame, 7, 7 + first), original: source.slice(7, 7 + first) });
        });
        source.fill(0);
        for (const { copy, original } of taken) expect(copy).toEqual(original);
      }),
      { numRuns: 20 },
    );
  });

  it('of frames that came together are one copy, and of those that came later another', () => {
    const copies = new ByteCopies();
    const bytes = Uint8Array.from({ length: 2_000 }, (_, at) => at);
    const [one, other] = [1, 2].map((readNumber) => ({ bytes, start: 0, end: 100, readNumber, readEnd: 2_000 }));
    if (one === undefined || other === undefined) throw new Error('two frames');
    expect(copies.takeOf(one, 10, 20)).toEqual(bytes.slice(10, 20));
    const taken = bytes.slice(100, 120);
    bytes.fill(9);
    // It was copied with the first.
    expect(copies.takeOf(one, 100, 120)).toEqual(taken);
    expect(copies.takeOf({ ...one, readNumber: 2 }, 100, 120)).toEqual(bytes.slice(100, 120));
    expect(copies.takeOf(other, 100, 120)).toEqual(bytes.slice(100, 120));
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
