import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NodeId } from '../protocol/ids.ts';
import { createSeenBeacons, seenNodesMax } from './seen-beacons.ts';

const node = '00000000000000aa' as NodeId;

function idOf(number: number): NodeId {
  return number.toString(16).padStart(16, '0') as NodeId;
}

describe('seen beacons', () => {
  it('[D6] tells a beacon from its copies by node, incarnation and sequence', () => {
    const seen = createSeenBeacons();
    expect(seen.note(node, 1, 1)).toBe('fresh');
    expect(seen.note(node, 1, 1)).toBe('repeated');
    expect(seen.note(node, 1, 2)).toBe('fresh');
    expect(seen.note(node, 2, 1)).toBe('fresh');
    expect(seen.note(idOf(7), 2, 1)).toBe('fresh');
    expect(seen.note(node, 2, 1)).toBe('repeated');
  });

  it('lets beacons overtake each other within the window', () => {
    const seen = createSeenBeacons();
    for (const sequence of [1, 3, 2, 34, 4]) expect(seen.note(node, 1, sequence)).toBe('fresh');
    for (const sequence of [3, 34, 4]) expect(seen.note(node, 1, sequence)).toBe('repeated');
    expect(seen.note(node, 1, 2)).toBe('late');
    expect(seen.note(node, 1, 4_000_000_000)).toBe('fresh');
    expect(seen.note(node, 1, 4_000_000_000)).toBe('repeated');
    expect(seen.note(node, 1, 34)).toBe('late');
  });

  it('never calls the same beacon fresh twice, in whatever order beacons of one incarnation come', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 80 }), { maxLength: 200 }), (sequences) => {
        const seen = createSeenBeacons();
        const fresh = sequences.filter((sequence) => seen.note(node, 1, sequence) === 'fresh');
        expect(new Set(fresh).size).toBe(fresh.length);
      }),
    );
  });

  it('finds a host again whose clock was set back', () => {
    const seen = createSeenBeacons();
    seen.note(node, 1_700_000_000_000, 500);
    expect(seen.note(node, 1_000, 1)).toBe('fresh');
  });

  it('remembers a bounded number of nodes and forgets the longest silent', () => {
    const seen = createSeenBeacons();
    for (let i = 0; i < seenNodesMax; i++) seen.note(idOf(i), 1, 1);
    seen.note(idOf(0), 1, 2);
    seen.note(idOf(seenNodesMax), 1, 1);
    expect(seen.note(idOf(0), 1, 2)).toBe('repeated');
    expect(seen.note(idOf(2), 1, 1)).toBe('repeated');
    expect(seen.note(idOf(1), 1, 1)).toBe('fresh');
  });

  it('knows which way is new, and that loopback is none beside a real interface', () => {
    const seen = createSeenBeacons();
    expect(seen.noteWay(node, 'multicast lo', false)).toBe(false);
    seen.note(node, 1, 1);
    expect(seen.noteWay(node, 'multicast lo', false)).toBe(true);
    expect(seen.noteWay(node, 'multicast eth0', true)).toBe(true);
    expect(seen.noteWay(node, 'multicast eth0', true)).toBe(false);
    expect(seen.noteWay(node, 'broadcast lo', false)).toBe(false);
    seen.note(node, 2, 1);
    expect(seen.noteWay(node, 'multicast eth0', true)).toBe(true);
  });
});
