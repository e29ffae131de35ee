import { describe, expect, it } from 'vitest';
import { beaconOf } from '../../test/simulation/one-machine.ts';
import { createRecentBeacons } from './recent-beacons.ts';

const bytes = (...values: number[]) => Uint8Array.from(values);

describe('beacons decoded a moment ago', () => {
  it('are found by their very bytes, and by no others', () => {
    const recent = createRecentBeacons();
    const beacon = beaconOf(2);
    recent.add(bytes(1, 2, 3), beacon);
    expect(recent.find(bytes(1, 2, 3))).toBe(beacon);
    for (const other of [bytes(), bytes(1, 2), bytes(1, 2, 4), bytes(0, 2, 3), bytes(1, 2, 3, 0)]) {
      expect(recent.find(other)).toBeUndefined();
    }
  });

  it('are kept when the bytes they were read from are used again', () => {
    const recent = createRecentBeacons();
    const payload = bytes(1, 2, 3);
    const beacon = beaconOf(2);
    recent.add(payload, beacon);
    payload.fill(9);
    expect(recent.find(bytes(1, 2, 3))).toBe(beacon);
    expect(recent.find(payload)).toBeUndefined();
  });

  it('are four, the latest', () => {
    const recent = createRecentBeacons();
    for (let n = 1; n <= 4; n++) recent.add(bytes(n), beaconOf(n));
    expect([1, 2, 3, 4].map((n) => recent.find(bytes(n))?.nodeName)).toEqual(['node-1', 'node-2', 'node-3', 'node-4']);
    recent.add(bytes(5), beaconOf(5));
    expect([1, 2, 5].map((n) => recent.find(bytes(n))?.nodeName)).toEqual([undefined, 'node-2', 'node-5']);
  });
});
