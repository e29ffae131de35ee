import { expect, it } from 'vitest';
import { encodeItem, type GossipItem } from './gossip-item.ts';
import { addItem, beginPacket } from './gossip-packet.ts';
import type { NodeId } from './ids.ts';
import { decodePayload } from './payload.ts';
import { createRecentlyDecoded, keptBytesMax } from './recently-decoded.ts';
import { Writer } from './writer.ts';

const id = '0011223344556677' as NodeId;

function member(name: string, cause: 'silent' | 'frozen'): GossipItem {
  const versions = { versionOldest: 1, versionNewest: 1, recordVersion: 1 };
  const addresses = [{ address: '10.0.0.1', port: 1 }];
  return {
    type: 'member',
    update: { id, incarnation: 1, state: 'suspect', ...versions, by: id, name, addresses, cause },
  };
}

function packet(...items: GossipItem[]): Uint8Array {
  const writer = new Writer();
  const countAt = beginPacket(writer, { kind: 'gossip', from: id });
  for (const item of items) addItem(writer, countAt, encodeItem(item));
  return writer.copy();
}

it('gives for the same bytes the same value, and for bytes that differ anywhere none', () => {
  const recent = createRecentlyDecoded<string>();
  const bytes = Uint8Array.from({ length: 100 }, (_, at) => at);
  recent.add(1, bytes, 10, 90, 'found');
  const elsewhere = new Uint8Array(200);
  elsewhere.set(bytes.subarray(10, 90), 7);
  expect(recent.find(1, elsewhere, 7, 87)).toBe('found');
  expect(recent.find(2, elsewhere, 7, 87)).toBeUndefined();
  expect(recent.find(1, elsewhere, 7, 86)).toBeUndefined();
  for (let at = 7; at < 87; at++) {
    elsewhere[at] = (elsewhere[at] as number) ^ 1;
    expect(recent.find(1, elsewhere, 7, 87)).toBeUndefined();
    elsewhere[at] = (elsewhere[at] as number) ^ 1;
  }
});

it('keeps its own copy', () => {
  const recent = createRecentlyDecoded<string>();
  const bytes = Uint8Array.of(1, 2, 3);
  recent.add(1, bytes, 0, 3, 'found');
  bytes.fill(9);
  expect(recent.find(1, bytes, 0, 3)).toBeUndefined();
  expect(recent.find(1, Uint8Array.of(1, 2, 3), 0, 3)).toBe('found');
});

it('keeps items up to its bound', () => {
  const recent = createRecentlyDecoded<string>();
  const bytes = new Uint8Array(keptBytesMax + 1);
  recent.add(1, bytes, 0, keptBytesMax, 'within');
  recent.add(1, bytes, 0, keptBytesMax + 1, 'above');
  expect(recent.find(1, bytes, 0, keptBytesMax)).toBe('within');
  expect(recent.find(1, bytes, 0, keptBytesMax + 1)).toBeUndefined();
});

it('has what came last when more came than it has room for, and nothing that was written over', () => {
  const recent = createRecentlyDecoded<number>();
  const item = (nth: number): Uint8Array => {
    const bytes = new Uint8Array(300 + (nth % 700)).fill(nth);
    new DataView(bytes.buffer).setUint32(0, nth);
    return bytes;
  };
  const ringBytes = 65_536;
  let since = 0;
  for (let nth = 1; nth <= 2_000; nth++) {
    const bytes = item(nth);
    recent.add(1, bytes, 0, bytes.length, nth);
    expect(recent.find(1, bytes, 0, bytes.length)).toBe(nth);
  }
  for (let nth = 2_000; nth > 0; nth--) {
    const bytes = item(nth);
    since += bytes.length;
    expect([undefined, nth]).toContain(recent.find(1, bytes, 0, bytes.length));
    if (since > ringBytes) expect(recent.find(1, bytes, 0, bytes.length)).toBeUndefined();
  }
});

it('changes nothing of what a packet is decoded to', () => {
  const recent = createRecentlyDecoded<GossipItem>();
  const packets = [
    packet(member('a', 'silent'), member('a', 'frozen')),
    packet(member('b', 'frozen'), member('a', 'silent')),
    packet(member('a', 'frozen')),
  ];
  for (let round = 0; round < 2; round++) {
    for (const bytes of packets) expect(decodePayload(bytes, recent)).toEqual(decodePayload(bytes));
  }
  const malformed = packet(member('a', 'silent'));
  malformed[29] = 255; // the state
  const refused = decodePayload(malformed);
  expect(refused.ok).toBe(false);
  for (let round = 0; round < 2; round++) expect(decodePayload(malformed, recent)).toEqual(refused);
});
