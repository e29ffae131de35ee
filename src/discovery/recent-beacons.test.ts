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

  it('are those of 32 nodes whose copies come all mixed, but for the few that share a place', () => {
    const recent = createRecentBeacons();
    for (let n = 1; n <= 32; n++) recent.add(bytes(1, n, 3 * n), beaconOf(n));
    const found = Array.from({ length: 32 }, (_, i) => recent.find(bytes(1, i + 1, 3 * i + 3))?.nodeName);
    expect(found.filter((name) => name !== undefined).length).toBeGreaterThanOrEqual(20);
    for (const [i, name] of found.entries()) expect([undefined, `node-${i + 1}`]).toContain(name);
  });

  it('are never more than 64, however many came', () => {
    const recent = createRecentBeacons();
    const payloads = Array.from({ length: 1_000 }, (_, n) => bytes(n >> 8, n & 255));
    for (const payload of payloads) recent.add(payload, beaconOf(1));
    const found = payloads.filter((payload) => recent.find(payload) !== undefined).length;
    expect(found).toBeGreaterThan(0);
    expect(found).toBeLessThanOrEqual(64);
  });
});
