import { describe, expect, it } from 'vitest';
import { KnownBlocks } from './known-blocks.ts';

const bytesOf = (...bytes: number[]) => Uint8Array.from(bytes);

describe('known blocks', () => {
  it('finds the block with which bytes begin, wherever they lie', () => {
    const blocks = new KnownBlocks<string>();
    const bytes = bytesOf(9, 2, 1, 7, 8, 9);
    expect(blocks.find(bytes, 1, 6)).toBeUndefined();
    blocks.add(bytes, 1, 3, 'two-one');
    expect(blocks.find(bytes, 1, 6)?.value).toBe('two-one');
    expect(blocks.find(bytes, 1, 3)?.value).toBe('two-one');
    // Cut off, moved, or another.
    expect(blocks.find(bytes, 1, 2)).toBeUndefined();
    expect(blocks.find(bytes, 2, 6)).toBeUndefined();
    expect(blocks.find(bytesOf(2, 2, 7), 0, 3)).toBeUndefined();
  });

  it('keeps copies: what it was given may be written over', () => {
    const blocks = new KnownBlocks<string>();
    const bytes = bytesOf(1, 2, 3);
    blocks.add(bytes, 0, 3, 'abc');
    bytes[0] = 5;
    expect(blocks.find(bytes, 0, 3)).toBeUndefined();
    expect(blocks.find(bytesOf(1, 2, 3), 0, 3)?.bytes.length).toBe(3);
  });

  it('keeps eight, and of those the newest', () => {
    const blocks = new KnownBlocks<number>();
    for (let i = 0; i < 8; i++) blocks.add(bytesOf(1, i), 0, 2, i);
    expect(blocks.find(bytesOf(1, 0), 0, 2)?.value).toBe(0);
    blocks.add(bytesOf(1, 8), 0, 2, 8);
    expect(blocks.find(bytesOf(1, 0), 0, 2)).toBeUndefined();
    for (let i = 1; i <= 8; i++) expect(blocks.find(bytesOf(1, i), 0, 2)?.value).toBe(i);
  });
});
