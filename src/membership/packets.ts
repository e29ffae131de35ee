import { addItem, beginPacket, type PacketHead } from '../protocol/gossip-packet.ts';
import type { NodeId } from '../protocol/ids.ts';
import { payloadBytesMax } from '../protocol/limits.ts';
import type { RawItem } from '../protocol/raw-item.ts';
import type { SocketAddress } from '../protocol/socket-address.ts';
import { liveCount, type Machine, viewDigest } from './machine.ts';
import { itemOf, type Row } from './row.ts';
import { transmitLimit } from './transmit-limit.ts';

/** What goes with a packet: these items first, then news as far as there is room. */
export interface Cargo {
  readonly items: readonly RawItem[];
  readonly news: boolean;
}

const nothing: Cargo = { items: [], news: false };

/**
 * [G5] [M4] The row's own state rides along when it is not alive, so that it can refute (Lifeguard's buddy system). News does
 * not: what goes to a suspect is likely to reach nobody.
 */
export function sendPing(m: Machine, sequence: number, row: Row, to: SocketAddress): void {
  const items: RawItem[] = [];
  if (!row.reached || row.liveIndex < 0) items.push(itemOf(m.self));
  if (row.state !== 'alive') items.push(itemOf(row));
  sendPacket(m, to, pingHead(m, sequence, row.id), { items, news: row.liveIndex >= 0 && row.state !== 'suspect' });
}

/** [G5] To an address where nobody is known to be. It says who asks, unless that would make it longer than `bytesMax`. */
export function sendFirstPing(m: Machine, sequence: number, id: NodeId, to: SocketAddress, bytesMax: number): void {
  begin(m, pingHead(m, sequence, id));
  addItem(m.writer, m.countAt, itemOf(m.self), Math.min(bytesMax, payloadBytesMax));
  finish(m, to);
}

/** To nobody known only the bare ack goes: it is shorter than any ping [D3]. */
export function sendAck(m: Machine, sequence: number, to: SocketAddress, cargo: Cargo = nothing): void {
  const head = { kind: 'ack', sequence, from: m.self.id, viewDigest: viewDigest(m) } as const;
  sendPacket(m, to, head, cargo);
}

/** Returns whether there was anything to say. */
export function sendNews(m: Machine, to: SocketAddress): boolean {
  begin(m, { kind: 'gossip', from: m.self.id });
  if (addNews(m, []) === 0) return false;
  finish(m, to);
  return true;
}

export function sendPacket(m: Machine, to: SocketAddress, head: PacketHead, cargo: Cargo = nothing): void {
  begin(m, head);
  for (const item of cargo.items) addItem(m.writer, m.countAt, item);
  if (cargo.news) addNews(m, cargo.items);
  finish(m, to);
}

function begin(m: Machine, head: PacketHead): void {
  m.writer.reset();
  m.countAt = beginPacket(m.writer, head);
}

/** Returns how many there were. */
function addNews(m: Machine, already: readonly RawItem[]): number {
  const items = m.news.take(payloadBytesMax - m.writer.length, transmitLimit(liveCount(m)));
  for (const item of items) {
    if (!already.includes(item)) addItem(m.writer, m.countAt, item);
  }
  return items.length;
}

function finish(m: Machine, to: SocketAddress): void {
  m.effects.push({ type: 'send', to, payload: m.copies.take(m.writer.bytes, 0, m.writer.length) });
}

function pingHead(m: Machine, sequence: number, to: NodeId): PacketHead {
  return { kind: 'ping', sequence, from: m.self.id, to, viewDigest: viewDigest(m) };
}
