import { expect } from 'vitest';
import { createMembership } from '../../src/membership/create-membership.ts';
import type { MembershipEffect } from '../../src/membership/effect.ts';
import type { Membership } from '../../src/membership/membership.ts';
import { timingProfiles } from '../../src/membership/timing.ts';
import type { Beacon } from '../../src/protocol/beacon.ts';
import type { GossipPacket } from '../../src/protocol/gossip-packet.ts';
import { type NodeId, noNode } from '../../src/protocol/ids.ts';
import type { MemberState, MemberUpdate } from '../../src/protocol/member-update.ts';
import { decodePayload } from '../../src/protocol/payload.ts';
import { createVirtualRandom } from '../../src/testing/virtual-random.ts';

export const timing = timingProfiles.lan;
export const idOf = (n: number) => n.toString(16).padStart(16, '0') as NodeId;
export const addressOf = (n: number) => ({ address: `10.0.${n >> 8}.${n & 255}`, port: 7_472 });
export const me = idOf(1);

export function machine(): Membership {
  const draws = createVirtualRandom('machine');
  const self = {
    id: me,
    name: 'me',
    incarnation: 1_000,
    addresses: [addressOf(1)],
    versionOldest: 1,
    versionNewest: 1,
  };
  return createMembership({ self, timing, random: () => draws.next(), now: 0 });
}

export const update = (n: number, state: MemberState = 'alive', incarnation = 1_000): MemberUpdate => ({
  id: idOf(n),
  incarnation,
  state,
  versionOldest: 1,
  versionNewest: 1,
  recordVersion: 0,
  by: noNode,
  name: `node-${n}`,
  addresses: [addressOf(n)],
  cause: undefined,
});

export const member = (of: MemberUpdate) => ({ type: 'member', update: of }) as const;

/** Where nobody is named who says so, it is the sender. */
export const gossip = (from: number, ...updates: MemberUpdate[]): GossipPacket => ({
  kind: 'gossip',
  from: idOf(from),
  items: updates.map((it) => member(it.by === noNode ? { ...it, by: idOf(from) } : it)),
});

export const ping = (from: number, to: NodeId, ...updates: MemberUpdate[]): GossipPacket => ({
  kind: 'ping',
  sequence: 77,
  from: idOf(from),
  to,
  viewDigest: 0,
  items: updates.map(member),
});

export const beaconOf = (n: number, more: Partial<Beacon> = {}): Beacon => ({
  versionOldest: 1,
  versionNewest: 1,
  node: idOf(n),
  incarnation: 1_000,
  sequence: 0,
  leaving: false,
  seeking: false,
  nodePort: 7_472,
  nodeName: `node-${n}`,
  clusterName: 'c',
  recordVersion: 0,
  hostLoad: undefined,
  services: [],
  ...more,
});

export const candidate = (n: number, beacon?: Beacon, beaconBytes = 0) => ({
  address: addressOf(n),
  provenance: { method: beacon === undefined ? 'seed' : 'multicast', interface: '', via: '', at: 0 } as const,
  beacon,
  beaconBytes,
});

/** Packets in the effects, decoded. */
export function sent(effects: readonly MembershipEffect[]) {
  return effects.flatMap((effect) => {
    if (effect.type !== 'send') return [];
    const decoded = decodePayload(effect.payload);
    if (!decoded.ok || decoded.value.kind === 'beacon') throw new Error('not a packet');
    return [{ to: effect.to, bytes: effect.payload.length, packet: decoded.value }];
  });
}

/** Ticks whenever it is due, and answers every ping of those who are said to answer. */
export function live(
  m: Membership,
  from: number,
  until: number,
  answering: readonly number[] = [],
): MembershipEffect[] {
  const effects: MembershipEffect[] = [];
  for (let now = Math.max(from, m.nextTickAt()); now <= until; now = Math.max(now, m.nextTickAt())) {
    m.tick(now);
    const drained = m.drain();
    effects.push(...drained);
    for (const { to, packet } of sent(drained)) {
      const n = answering.find((it) => addressOf(it).address === to.address);
      if (packet.kind !== 'ping' || n === undefined) continue;
      const { sequence } = packet;
      m.packet({ kind: 'ack', sequence, from: idOf(n), viewDigest: m.viewDigest(), items: [] }, to, now + 0.25);
    }
  }
  return effects;
}

export const statesOf = (effects: readonly MembershipEffect[], n: number) =>
  effects.flatMap((it) => (it.type === 'changed' && it.member.id === idOf(n) ? [it.member.state] : []));

/** A list that has at least these. */
export function including(items: readonly unknown[]): unknown {
  return expect.arrayContaining([...items]);
}
