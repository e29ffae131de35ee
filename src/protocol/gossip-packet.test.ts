import { describe, expect, it } from 'vitest';
import { type Beacon, writeBeacon } from './beacon.ts';
import { decodeItem, encodeItem, type GossipItem } from './gossip-item.ts';
import { addItem, beginPacket, packedItemBytes, writePacket } from './gossip-packet.ts';
import type { NodeId } from './ids.ts';
import * as limits from './limits.ts';
import { decodePayload } from './payload.ts';
import type { ServiceEntry } from './service-entry.ts';
import { decodeSync, deltaItemBytes, writeDelta, writeDigest } from './sync.ts';
import { Writer } from './writer.ts';

const id = '0011223344556677' as NodeId;
const tooLarge: unknown = expect.objectContaining({ code: 'too-large' });
const times = <Value>(count: number, value: (i: number) => Value) => Array.from({ length: count }, (_, i) => value(i));

const load = (services = 0): GossipItem => ({
  type: 'load',
  report: {
    id,
    incarnation: 1,
    sequence: 1,
    hostLoad: undefined,
    services: times(services, (i) => ({ name: `s${i}`, load: 0, inFlight: 70_000 })),
  },
});

const member = (addresses: number): GossipItem => ({
  type: 'member',
  update: {
    id,
    incarnation: 1,
    state: 'alive',
    versionOldest: 1,
    versionNewest: 1,
    recordVersion: 0,
    by: id,
    name: 'a',
    addresses: times(addresses, (i) => ({ address: `10.0.0.${i}`, port: 1 })),
    cause: 'silent',
  },
});

const service = (labels: number, valueLength = 0): ServiceEntry => ({
  name: 'a',
  state: 'up',
  kinds: { messages: true, http: false, streams: false },
  weight: limits.weightMax,
  labels: Object.fromEntries(times(labels, (i) => [`l${i}`, 'v'.repeat(valueLength)])),
  endpoint: undefined,
});

const record = (services: number, labels = 0, valueLength = 0): GossipItem => ({
  type: 'record',
  record: { id, incarnation: 1, version: 1, services: times(services, () => service(labels, valueLength)) },
});

describe('items', () => {
  it.each([
    ['addresses', () => member(limits.addressesMax), () => member(limits.addressesMax + 1)],
    ['services', () => record(limits.servicesMax), () => record(limits.servicesMax + 1)],
    ['labels', () => record(1, limits.labelsMax), () => record(1, limits.labelsMax + 1)],
    ['label bytes', () => record(1, 1, limits.labelBytesMax), () => record(1, 1, limits.labelBytesMax + 1)],
    ['record bytes', () => record(100, 10, 240), () => record(130, 10, 200)],
    ['loads', () => load(limits.loadServicesMax), () => load(limits.loadServicesMax + 1)],
  ])('hold at the bound of %s', (_what, within, above) => {
    expect(decodeItem(encodeItem(within())).ok).toBe(true);
    expect(() => encodeItem(above())).toThrow(tooLarge);
  });

  it('are refused above the bounds', () => {
    const { bytes } = encodeItem(member(limits.addressesMax));
    const countAt = bytes.length - 2 - 7 * limits.addressesMax;
    const more = new Uint8Array(bytes.length + 7);
    more.set(bytes);
    more.set(bytes.subarray(-8), bytes.length - 1);
    more[countAt] = limits.addressesMax + 1;
    expect(decodeItem({ type: 1, bytes: more })).toEqual({ ok: false, reason: 'count' });
    const padded = new Uint8Array(limits.recordBytesMax);
    padded.set(encodeItem(record(1)).bytes);
    expect(decodeItem({ type: 2, bytes: padded }).ok).toBe(true);
    const longer = new Uint8Array(limits.recordBytesMax + 1);
    longer.set(padded);
    expect(decodeItem({ type: 2, bytes: longer })).toEqual({ ok: false, reason: 'long' });
  });

  it('an in-flight count above a u16 reads as the largest', () => {
    expect(decodeItem(encodeItem(load(1)))).toMatchObject({ value: { report: { services: [{ inFlight: 65_535 }] } } });
  });

  it('[N6] bytes after the last field are of a later revision', () => {
    const { type, bytes } = encodeItem(member(1));
    expect(decodeItem({ type, bytes: Uint8Array.of(...bytes, 1, 2, 3) })).toEqual({ ok: true, value: member(1) });
  });

  it('a scope is not sent', () => {
    const scoped = member(0);
    if (scoped.type !== 'member') return;
    const update = { ...scoped.update, addresses: [{ address: 'fe80::1%eth0', port: 9 }] };
    expect(decodeItem(encodeItem({ type: 'member', update }))).toMatchObject({
      value: { update: { addresses: [{ address: 'fe80::1', port: 9 }] } },
    });
  });
});

describe('packets', () => {
  it('are packed by size', () => {
    const item = encodeItem(member(1));
    const writer = new Writer();
    writer.raw(new Uint8Array(50).fill(255));
    writer.reset();
    const countAt = beginPacket(writer, { kind: 'gossip', from: id });
    const fitting = Math.floor((limits.payloadBytesMax - writer.length) / packedItemBytes(item));
    let added = 0;
    while (addItem(writer, countAt, item)) added++;
    expect(added).toBe(fitting);
    expect(writer.length).toBeLessThanOrEqual(limits.payloadBytesMax);
    const decoded = decodePayload(writer.view());
    expect(decoded).toMatchObject({ ok: true, value: { kind: 'gossip', from: id } });
    expect(decoded.ok && decoded.value.kind === 'gossip' && decoded.value.items).toHaveLength(fitting);
  });

  it('hold at the bound of items and of bytes', () => {
    const writer = new Writer();
    const countAt = beginPacket(writer, { kind: 'gossip', from: id });
    for (let i = 0; i < limits.itemsMax; i++) {
      expect(addItem(writer, countAt, { type: 99, bytes: new Uint8Array(0) }, 5_000)).toBe(true);
    }
    expect(addItem(writer, countAt, { type: 99, bytes: new Uint8Array(0) }, 5_000)).toBe(false);
    const packet = (count: number) => ({ kind: 'gossip', from: id, items: times(count, () => load()) }) as const;
    expect(() => writePacket(new Writer(), packet(limits.itemsMax), 100_000)).not.toThrow();
    expect(() => writePacket(new Writer(), packet(limits.itemsMax + 1), 100_000)).toThrow(tooLarge);
    const exact = new Writer();
    writePacket(exact, packet(3), 100_000);
    expect(() => writePacket(new Writer(), packet(3), exact.length)).not.toThrow();
    expect(() => writePacket(new Writer(), packet(3), exact.length - 1)).toThrow(tooLarge);
  });

  it('[G2] items of an unknown type are skipped by their length', () => {
    const writer = new Writer();
    const countAt = beginPacket(writer, { kind: 'gossip', from: id });
    addItem(writer, countAt, { type: 99, bytes: Uint8Array.of(1, 2, 3) });
    addItem(writer, countAt, encodeItem(load()));
    expect(decodePayload(writer.view())).toEqual({ ok: true, value: { kind: 'gossip', from: id, items: [load()] } });
  });

  it('[D5] of an unknown kind are named as such', () => {
    for (const kind of [0, 7, 255]) expect(decodePayload(Uint8Array.of(kind))).toEqual({ ok: false, reason: 'kind' });
    expect(decodePayload(new Uint8Array(0))).toEqual({ ok: false, reason: 'short' });
  });
});

describe('beacons', () => {
  const beacon = (services: number): Beacon => ({
    versionOldest: 1,
    versionNewest: 2,
    node: id,
    incarnation: 1,
    sequence: 1,
    leaving: false,
    seeking: false,
    nodePort: 1,
    nodeName: 'n',
    clusterName: 'c',
    recordVersion: 1,
    hostLoad: 1,
    services: times(services, (i) => ({ name: `service-${i}`, load: 1, state: 'up' })),
  });

  it('[B5] leave out the services that do not fit', () => {
    const writer = new Writer();
    const written = writeBeacon(writer, beacon(300));
    expect(written).toBeGreaterThan(80);
    expect(writer.length).toBeLessThanOrEqual(limits.payloadBytesMax);
    expect(decodePayload(writer.view())).toEqual({
      ok: true,
      value: { kind: 'beacon', beacon: { ...beacon(300), services: beacon(written).services } },
    });
    expect(writeBeacon(new Writer(), beacon(300), 100_000)).toBe(limits.loadServicesMax);
  });

  it('name a port', () => {
    expect(() => writeBeacon(new Writer(), { ...beacon(0), nodePort: 0 })).toThrow(
      expect.objectContaining({ code: 'invalid' }),
    );
    const writer = new Writer();
    writeBeacon(writer, beacon(0));
    const bytes = writer.copy();
    bytes.fill(0, 24, 26);
    expect(decodePayload(bytes)).toEqual({ ok: false, reason: 'range' });
  });
});

describe('synchronisation', () => {
  const row = { id, incarnation: 1, state: 'alive', recordVersion: 1 } as const;
  const empty = { type: 99, bytes: new Uint8Array(0) };
  const decode = ({ bytes, length }: Writer) => decodeSync(bytes, 0, length);

  it('holds at its bounds', () => {
    const digest = (rows: number) => {
      const writer = new Writer();
      writeDigest(writer, { kind: 'digest', answerWanted: false, rows: times(rows, () => row) });
      return writer;
    };
    const delta = (items: number, wanted: number) => {
      const writer = new Writer();
      writeDelta(
        writer,
        times(items, () => empty),
        times(wanted, () => id),
      );
      return writer;
    };
    expect(decode(digest(limits.digestRowsMax)).ok).toBe(true);
    expect(() => digest(limits.digestRowsMax + 1)).toThrow(tooLarge);
    expect(decode(delta(limits.deltaItemsMax, limits.digestRowsMax)).ok).toBe(true);
    expect(() => delta(limits.deltaItemsMax + 1, 0)).toThrow(tooLarge);
    expect(() => delta(0, limits.digestRowsMax + 1)).toThrow(tooLarge);
  });

  it('a count that promises more than there is costs nothing', () => {
    expect(decodeSync(Uint8Array.of(1, 0, 255, 255, 255, 255), 0, 6)).toEqual({ ok: false, reason: 'count' });
    expect(decodeSync(Uint8Array.of(1, 0, 0, 0, 15, 0), 0, 6)).toEqual({ ok: false, reason: 'short' });
  });

  it('the layout is exact', () => {
    const writer = new Writer();
    writeDelta(writer, [encodeItem(load()), empty], [id]);
    expect(writer.length).toBe(1 + 4 + deltaItemBytes(encodeItem(load())) + deltaItemBytes(empty) + 2 + 8);
    expect(decode(writer)).toEqual({ ok: true, value: { kind: 'delta', items: [load()], wanted: [id] } });
    writer.u8(0);
    expect(decode(writer)).toEqual({ ok: false, reason: 'long' });
    expect(decodeSync(Uint8Array.of(3), 0, 1)).toEqual({ ok: false, reason: 'kind' });
  });
});
