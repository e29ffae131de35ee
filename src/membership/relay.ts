import type { Ack, PingRequest } from '../protocol/gossip-packet.ts';
import type { SocketAddress } from '../protocol/socket-address.ts';
import { type Machine, nextSequence, viewDigest, wake } from './machine.ts';
import { sendPacket } from './packets.ts';
import { itemOf } from './row.ts';

/** Pings for others under way: bounds what a peer can make this node send and remember. */
const relaysMax = 512;

/** [M4] A member asks us to ping another for it. Strangers are not served: the target could be their victim. */
export function relayPing(m: Machine, request: PingRequest, from: SocketAddress): void {
  const origin = m.table.rows.get(request.from);
  if (origin === undefined || origin.liveIndex < 0 || m.relays.size >= relaysMax) return;
  const sequence = nextSequence(m);
  const { probeTimeoutMs, probeDeadlineMs } = m.timing;
  const relay = {
    target: request.target,
    origin: request.from,
    originAddress: from,
    originSequence: request.sequence,
    nackAt: m.time + probeTimeoutMs,
    endsAt: m.time + probeDeadlineMs,
    nacked: false,
  };
  m.relays.set(sequence, relay);
  wake(m, relay.nackAt);
  const target = m.table.rows.get(request.target);
  const items = target !== undefined && target.state !== 'alive' ? [itemOf(target)] : [];
  const head = { kind: 'ping', sequence, from: m.self.id, to: request.target, viewDigest: viewDigest(m) } as const;
  // Who asks may have a wrong address, or one that leads there from his network only.
  sendPacket(m, target?.reached === true ? target.reachedAt : request.targetAddress, head, { items, news: false });
}

/** An ack that somebody else waits for. Returns whether it was one. */
export function relayAck(m: Machine, ack: Ack): boolean {
  const relay = m.relays.get(ack.sequence);
  if (relay === undefined || relay.target !== ack.from) return false;
  m.relays.delete(ack.sequence);
  const head = { kind: 'ack', sequence: relay.originSequence, from: ack.from, viewDigest: ack.viewDigest } as const;
  const target = m.table.rows.get(ack.from);
  // With it goes what the target just said of itself: it may have refuted.
  sendPacket(m, relay.originAddress, head, { items: target === undefined ? [] : [itemOf(target)], news: false });
  return true;
}

/** Tells those who wait that we are well but the target is silent: their own network is not to blame (Lifeguard). */
export function continueRelays(m: Machine): void {
  for (const [sequence, relay] of m.relays) {
    if (relay.endsAt <= m.time) {
      m.relays.delete(sequence);
    } else if (relay.nackAt <= m.time && !relay.nacked) {
      relay.nacked = true;
      sendPacket(m, relay.originAddress, { kind: 'nack', sequence: relay.originSequence, from: m.self.id });
    }
  }
}
