import { describe, expect, it } from 'vitest';
import { beaconOf } from '../../test/simulation/one-machine.ts';
import { type Beacon, writeBeacon } from '../protocol/beacon.ts';
import { readNodeId } from '../protocol/ids.ts';
import { Writer } from '../protocol/writer.ts';
import { createVirtualRandom } from '../testing/virtual-random.ts';
import { createRecentBeacons } from './recent-beacons.ts';

const bytes = (...values: number[]) => Uint8Array.from(values);

function written(beacon: Beacon): Uint8Array {
  const writer = new Writer();
  writeBeacon(writer, beacon);
  return writer.copy();
}

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
    const random = createVirtualRandom('beacons');
    const beacons = Array.from({ length: 32 }, (_, i) =>
      beaconOf(i + 1, { node: readNodeId(random.bytes(8), 0), sequence: 1 }),
    );
    for (const beacon of beacons) recent.add(written(beacon), beacon);
    const found = beacons.map((beacon) => recent.find(written(beacon))?.nodeName);
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
