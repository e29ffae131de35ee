import type { DirectoryRecord } from '../protocol/directory-record.ts';
import type { GossipItem } from '../protocol/gossip-item.ts';
import type { Ack, GossipPacket, Ping } from '../protocol/gossip-packet.ts';
import { type NodeId, noNode } from '../protocol/ids.ts';
import type { MemberUpdate } from '../protocol/member-update.ts';
import { formatSocketAddress, type SocketAddress } from '../protocol/socket-address.ts';
import { applyUpdate, type Hearing } from './apply.ts';
import { answered, approachWhereSaid, endApproach } from './approach.ts';
import { liveCount, type Machine, viewDigest } from './machine.ts';
import { sendAck } from './packets.ts';
import { acknowledgeProbe, heard, nacked } from './probe.ts';
import { relayAck, relayPing } from './relay.ts';
import { addProvenance, isAmong, itemOf, placeOf, type Row, touched } from './row.ts';
import { tell } from './shown-state.ts';

/** Exchanges in a row whose digests differ before it is no longer taken for news under way [G4]. */
const differingMax = 2;

/** A synchronisation costs as many bytes as there are members, so among few it may come sooner after another. */
const syncGapPerMemberMs = 20;

/** With more news than this under way views differ because of it, and it is given so many times as long to arrive. */
const muchNews = 16;
const newsGap = 5;

/** Who differs for so long while next to nothing is under way has missed what the others no longer tell: few, and soon helped. */
const littleNews = 8;
const differingLong = 3;
const missingGap = 1 / 4;

export function receivePacket(m: Machine, packet: GossipPacket, source: SocketAddress): void {
  // Our own, come back: we are among our own seeds.
  if (packet.from === m.self.id) return;
  const sender = m.table.rows.get(packet.from);
  if (sender !== undefined) heard(m, sender);
  switch (packet.kind) {
    case 'ping':
      receivePing(m, packet, source);
      return;
    case 'ack':
      receiveAck(m, packet, source);
      return;
    case 'ping-request':
      receiveItems(m, packet.items, { from: packet.from, source, way: 'packet', corrections: undefined, bulk: false });
      relayPing(m, packet, source);
      return;
    case 'gossip':
      receiveItems(m, packet.items, { from: packet.from, source, way: 'packet', corrections: undefined, bulk: false });
      return;
    case 'nack':
      nacked(m, packet.sequence);
  }
}

export function receiveItems(m: Machine, items: readonly GossipItem[], hearing: Hearing): void {
  for (const item of items) {
    if (item.type === 'member') {
      const { update } = item;
      applyUpdate(m, update.by === noNode ? { ...update, by: sayerOf(update, hearing) } : update, hearing);
    } else if (item.type === 'record') {
      if (!isLiveMember(m, item.record.id)) continue;
      m.effects.push({ type: 'record', record: item.record, from: hearing.from });
      noteRecordVersion(m, item.record);
    } else if (isLiveMember(m, item.report.id)) {
      m.effects.push({ type: 'load', report: item.report, from: hearing.from });
    }
  }
}

/**
 * [M13] Synchronisation does not say who found a member silent. It is not who brings it: else each who repeats the word of one
 * would be another witness, and the belief of the other side of a partition would be that of many on this one.
 */
function sayerOf({ state }: MemberUpdate, { from }: Hearing): NodeId {
  return state === 'suspect' || state === 'dead' ? noNode : from;
}

function receivePing(m: Machine, ping: Ping, source: SocketAddress): void {
  // [G3] Another process had this port before.
  if (ping.to !== noNode && ping.to !== m.self.id) return;
  const corrections = new Set<Row>();
  receiveItems(m, ping.items, { from: ping.from, source, way: 'packet', corrections, bulk: false });
  const sender = m.table.rows.get(ping.from);
  if (sender === undefined) {
    sendAck(m, ping.sequence, source);
    return;
  }
  // Nobody has answered where it was guessed to be; from where it asks it certainly hears.
  if (!sender.reached) {
    sender.reachedAt = placeOf(sender.addresses, source);
    sender.snapshot = undefined;
    approachWhereSaid(m, sender);
  }
  if (ping.to === noNode || !sender.reached) corrections.add(m.self);
  if (sender.state !== 'alive') corrections.add(sender);
  sendAck(m, ping.sequence, source, { items: [...corrections].map(itemOf), news: sender.liveIndex >= 0 });
  compareViews(m, sender, ping.viewDigest);
}

function receiveAck(m: Machine, ack: Ack, source: SocketAddress): void {
  receiveItems(m, ack.items, { from: ack.from, source, way: 'packet', corrections: undefined, bulk: false });
  if (relayAck(m, ack)) return;
  acknowledgeApproach(m, ack, source);
  const wasProbe = acknowledgeProbe(m, ack.sequence, ack.from, source);
  const row = m.table.rows.get(ack.from);
  if (wasProbe && row !== undefined) compareViews(m, row, ack.viewDigest);
}

function acknowledgeApproach(m: Machine, ack: Ack, source: SocketAddress): void {
  const it = m.approachBySequence.get(ack.sequence);
  if (it === undefined) return;
  const row = m.table.rows.get(ack.from);
  // Who was known before, and began anew, need not know who asks either: of it only a beacon was heard.
  if (row === undefined || row.liveIndex < 0 || (row.provisional && !it.trusted)) {
    answered(m, it, ack.from);
    return;
  }
  endApproach(m, it);
  // It answered where it says it is: better than where it was heard first, which may be a link-local address.
  const { reachedAt } = row;
  if (!row.reached || (isAmong(row.addresses, source) && !isAmong(row.addresses, row.reachedAt)))
    row.reachedAt = placeOf(row.addresses, source);
  row.reached = true;
  let isNews = formatSocketAddress(row.reachedAt) !== formatSocketAddress(reachedAt);
  for (const provenance of it.provenances) isNews = addProvenance(row, provenance) || isNews;
  if (isNews) tell(m, row, true);
}

/**
 * [G4] Whoever differs from everybody he talks to misses something; news under way differs once. So it is enough to count
 * exchanges running, whoever they are with.
 */
function compareViews(m: Machine, row: Row, digest: number): void {
  if (row.liveIndex < 0) return;
  if (digest === viewDigest(m)) {
    m.differing = 0;
    return;
  }
  m.differed = true;
  m.differing++;
  if (m.differing < differingMax || m.time - m.syncedAt < gapMs(m)) return;
  m.differing = 0;
  m.differed = false;
  m.syncedAt = m.time;
  m.effects.push({ type: 'sync', with: row.id });
}

/** [G4] From the last synchronisation to the next one because of a digest that differs. */
function gapMs(m: Machine): number {
  const { syncGapMs } = m.timing;
  const waiting = m.news.size();
  const misses = waiting <= littleNews && m.differing >= differingLong;
  const longestMs = misses ? syncGapMs * missingGap : syncGapMs;
  return Math.min(longestMs, syncGapPerMemberMs * liveCount(m)) * (waiting > muchNews ? newsGap : 1);
}

/**
 * A record that came without its member's item says the version too. Digests of synchronisation tell the version held, so
 * a row that stayed behind would differ from all others' for ever, and nobody would see in what.
 */
function noteRecordVersion(m: Machine, { id, incarnation, version }: DirectoryRecord): void {
  const row = m.table.rows.get(id);
  if (row === undefined || row.incarnation !== incarnation || version <= row.recordVersion) return;
  row.recordVersion = version;
  touched(row);
  m.table.reindex(row, row.state, row.name);
  tell(m, row, true);
}

function isLiveMember(m: Machine, id: NodeId): boolean {
  return (m.table.rows.get(id)?.liveIndex ?? -1) >= 0;
}
