import { describe, expect, it } from 'vitest';
import type { NodeId } from '../protocol/ids.ts';
import { createByPeer } from './by-peer.ts';

const peerOf = (n: number) => n.toString(16).padStart(16, '0') as NodeId;

describe('what is under way by peer', () => {
  it('is found by both, counted and listed in order', () => {
    const table = createByPeer<{ readonly name: string }>();
    table.set(peerOf(1), 7, { name: 'a' });
    table.set(peerOf(2), 7, { name: 'b' });
    table.set(peerOf(1), 9, { name: 'c' });
    table.set(peerOf(1), 8, { name: 'd' });
    expect(table.get(peerOf(2), 7)).toEqual({ name: 'b' });
    expect(table.get(peerOf(3), 7)).toBeUndefined();
    expect(table.of(peerOf(1)).map(({ name }) => name)).toEqual(['a', 'd', 'c']);
    expect([table.count, table.countOf(peerOf(1)), table.all().length]).toEqual([4, 3, 4]);
    table.delete(peerOf(1), 7);
    table.delete(peerOf(1), 7);
    table.delete(peerOf(9), 7);
    expect([table.count, table.countOf(peerOf(1)), table.get(peerOf(1), 7)]).toEqual([3, 2, undefined]);
  });

  it('works on when a peer comes again after many others have come and gone', () => {
    const table = createByPeer<{ readonly n: number }>();
    for (let round = 0; round < 3; round++) {
      for (let n = 1; n <= 1_000; n++) {
        table.set(peerOf(n), 1, { n });
        table.set(peerOf(n), 2, { n });
        expect(table.get(peerOf(n), 1)).toEqual({ n });
        table.delete(peerOf(n), 1);
        table.delete(peerOf(n), 2);
        expect(table.get(peerOf(n), 1)).toBeUndefined();
      }
      expect(table.count).toBe(0);
    }
  });
});
