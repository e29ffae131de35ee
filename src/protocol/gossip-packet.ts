import { FogataError } from './fogata-error.ts';
import { type GossipItem, readItem, writeItem } from './gossip-item.ts';
import type { NodeId } from './ids.ts';
import { itemsMax, payloadBytesMax } from './limits.ts';
import { PayloadKind } from './payload-kind.ts';
import { ItemType, type RawItem } from './raw-item.ts';
import type { Reader } from './reader.ts';
import type { RecentlyDecoded } from './recently-decoded.ts';
import type { SocketAddress } from './socket-address.ts';
import { readAddress, writeAddress } from './wire-address.ts';
import type { Writer } from './writer.ts';

export interface Ping {
  readonly kind: 'ping';
  readonly sequence: number;
  readonly from: NodeId;
  /** `noNode`: whoever is there [G3]. */
  readonly to: NodeId;
  readonly viewDigest: number;
  readonly items: readonly GossipItem[];
}

export interface Ack {
  readonly kind: 'ack';
  readonly sequence: number;
  readonly from: NodeId;
  readonly viewDigest: number;
  readonly items: readonly GossipItem[];
}

export interface PingRequest {
  readonly kind: 'ping-request';
  readonly sequence: number;
  readonly from: NodeId;
  readonly target: NodeId;
  readonly targetAddress: SocketAddress;
  readonly items: readonly GossipItem[];
}

export interface Nack {
  readonly kind: 'nack';
  readonly sequence: number;
  readonly from: NodeId;
}

export interface Gossip {
  readonly kind: 'gossip';
  readonly from: NodeId;
  readonly items: readonly GossipItem[];
}

export type GossipPacket = Ping | Ack | PingRequest | Nack | Gossip;

/** A packet without its items: what is written before they are packed. */
export type PacketHead =
  | Omit<Ping, 'items'>
  | Omit<Ack, 'items'>
  | Omit<PingRequest, 'items'>
  | Nack
  | Omit<Gossip, 'items'>;

/** Type and length before an item's body. */
const itemHeaderBytes = 3;

/** Bytes an item takes in a packet. */
export function packedItemBytes(item: RawItem): number {
  return itemHeaderBytes + item.bytes.length;
}

/**
 * Writes a payload from the writer's start up to its items, none as yet, and returns where their count lies, for
 * `addItem`. A nack has no items: it is whole.
 */
export function beginPacket(writer: Writer, head: PacketHead): number {
  writer.u8(PayloadKind[head.kind]);
  if (head.kind !== 'gossip') writer.u32(head.sequence);
  writer.nodeId(head.from);
  if (head.kind === 'ping') writer.nodeId(head.to);
  if (head.kind === 'ping' || head.kind === 'ack') writer.u32(head.viewDigest);
  if (head.kind === 'ping-request') {
    writer.nodeId(head.target);
    writeAddress(writer, head.targetAddress);
  }
  if (head.kind === 'nack') return -1;
  writer.u8(0);
  return writer.length - 1;
}

/** Adds one more item, unless the payload would have more than `bytesMax` bytes or too many items: then false. */
export function addItem(writer: Writer, countAt: number, item: RawItem, bytesMax: number = payloadBytesMax): boolean {
  const count = writer.bytes[countAt];
  if (count === undefined || count >= itemsMax || writer.length + packedItemBytes(item) > bytesMax) return false;
  writer.u8(item.type);
  writer.u16(item.bytes.length);
  writer.raw(item.bytes);
  writer.setU8(countAt, count + 1);
  return true;
}

/** A whole packet, from the writer's start. Throws FogataError `too-large` when its items do not fit. */
export function writePacket(writer: Writer, packet: GossipPacket, bytesMax: number = payloadBytesMax): void {
  const countAt = beginPacket(writer, packet);
  if (packet.kind === 'nack') return;
  for (const item of packet.items) {
    writer.u8(ItemType[item.type]);
    const bodyAt = writer.room(2) + 2;
    writeItem(writer, item);
    if (writer.length > bytesMax) throw new FogataError('too-large', `a packet has at most ${bytesMax} bytes`);
    writer.setU16(bodyAt - 2, writer.length - bodyAt);
  }
  if (packet.items.length > itemsMax) throw new FogataError('too-large', `a packet has at most ${itemsMax} items`);
  writer.setU8(countAt, packet.items.length);
}

/** The reader stands behind the kind. */
export function readPacket(
  reader: Reader,
  kind: GossipPacket['kind'],
  recent?: RecentlyDecoded<GossipItem>,
): GossipPacket {
  if (kind === 'gossip') return { kind, from: reader.nodeId(), items: readItems(reader, recent) };
  const sequence = reader.u32();
  const from = reader.nodeId();
  if (kind === 'nack') return { kind, sequence, from };
  if (kind === 'ack') return { kind, sequence, from, viewDigest: reader.u32(), items: readItems(reader, recent) };
  if (kind === 'ping') {
    const to = reader.nodeIdOrNone();
    return { kind, sequence, from, to, viewDigest: reader.u32(), items: readItems(reader, recent) };
  }
  const target = reader.nodeId();
  return { kind, sequence, from, target, targetAddress: readAddress(reader), items: readItems(reader, recent) };
}

function readItems(reader: Reader, recent: RecentlyDecoded<GossipItem> | undefined): GossipItem[] {
  const count = reader.u8();
  const items: GossipItem[] = [];
  for (let i = 0; i < count && !reader.failed; i++) {
    const type = reader.u8();
    const item = readItem(reader, type, reader.u16(), recent);
    if (item !== undefined) items.push(item);
  }
  return items;
}
