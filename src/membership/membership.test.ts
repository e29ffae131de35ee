import { describe, expect, it } from 'vitest';
import {
  addressOf,
  beaconOf,
  candidate,
  gossip,
  idOf,
  including,
  live,
  machine,
  me,
  member,
  ping,
  sent,
  statesOf,
  timing,
  update,
} from '../../test/simulation/one-machine.ts';
import { encodeItem } from '../protocol/gossip-item.ts';
import type { GossipPacket } from '../protocol/gossip-packet.ts';
import { createVirtualRandom } from '../testing/virtual-random.ts';

describe('death', () => {
  it('[M4] [M5] suspects who does not ack, and then counts it dead', () => {
    const m = machine();
    m.packet(gossip(2, update(2)), addressOf(2), 0);
    expect(statesOf([...m.drain(), ...live(m, 0, 4_000)], 2)).toEqual(['alive', 'suspect', 'dead']);
    expect(m.counts().dead).toBe(1);
  });

  it('[M4] asks three others before it suspects, and one of them is enough', () => {
    const m = machine();
    m.packet(gossip(2, ...[2, 3, 4, 5, 6].map((n) => update(n))), addressOf(2), 0);
    const effects = [...m.drain(), ...live(m, 0, 1_900, [3, 4, 5, 6])];
    const requests = sent(effects).filter(({ packet }) => packet.kind === 'ping-request');
    expect(requests.length).toBeGreaterThanOrEqual(6);
    expect(statesOf(effects, 2)).toEqual(['alive', 'suspect']);

    const helped = machine();
    helped.packet(gossip(2, update(2), update(3)), addressOf(2), 0);
    for (let now = 0; now <= 3_000; now = Math.max(now, helped.nextTickAt())) {
      helped.tick(now);
      for (const { packet } of sent(helped.drain())) {
        if (packet.kind !== 'ping-request' || packet.target !== idOf(2)) continue;
        const { sequence } = packet;
        helped.packet({ kind: 'ack', sequence, from: idOf(2), viewDigest: 0, items: [] }, addressOf(3), now + 0.25);
      }
    }
    expect(helped.get(idOf(2))).toMatchObject({ state: 'alive', rttMs: undefined });
  });

  it('[M4] serves members who ask it to ping, with an ack or a nack, and no strangers', () => {
    const m = machine();
    const request = { kind: 'ping-request', sequence: 5, from: idOf(2), target: idOf(9), items: [] } as const;
    m.packet({ ...request, targetAddress: addressOf(9) }, addressOf(2), 0);
    expect(sent(m.drain())).toEqual([]);
    m.packet(gossip(2, update(2)), addressOf(2), 0);
    m.drain();
    m.packet({ ...request, targetAddress: addressOf(9) }, addressOf(2), 0);
    const [out] = sent(m.drain());
    expect(out).toMatchObject({ to: addressOf(9), packet: { kind: 'ping', to: idOf(9) } });
    const sequence = out?.packet.kind === 'ping' ? out.packet.sequence : -1;
    const nacks = sent(live(m, 0, timing.probeTimeoutMs, [2])).filter(({ packet }) => packet.kind === 'nack');
    expect(nacks).toMatchObject([{ to: addressOf(2), packet: { sequence: 5, from: me } }]);
    m.packet({ kind: 'ack', sequence, from: idOf(9), viewDigest: 4, items: [] }, addressOf(9), 101);
    expect(sent(m.drain())).toMatchObject([
      { to: addressOf(2), packet: { kind: 'ack', sequence: 5, from: idOf(9), viewDigest: 4 } },
    ]);
  });

  it('a late tick fails no probe: the time this node did not run counts for nobody', () => {
    const m = machine();
    m.packet(gossip(2, ...[2, 3, 4, 5].map((n) => update(n))), addressOf(2), 0);
    m.drain();
    let now = 0;
    // Until a ping is on its way whose ack will lie in the socket while nobody runs.
    for (let pings = 0; pings < 3; now = m.nextTickAt()) {
      m.tick(now);
      pings += sent(m.drain()).filter(({ packet }) => packet.kind === 'ping').length;
    }
    const before = m.counts();
    m.tick(now + 30_000);
    m.tick(m.nextTickAt());
    expect(m.counts()).toMatchObject({ lateTicks: 1, probesFailed: before.probesFailed, suspect: 0, dead: 0 });
  });

  it('a late tick ends no suspicion', () => {
    const m = machine();
    m.packet(gossip(2, update(2), update(3)), addressOf(2), 0);
    live(m, 0, 1_000, [2, 3]);
    m.packet(gossip(2, update(3, 'suspect')), addressOf(2), 1_000);
    m.drain();
    m.tick(30_000);
    m.packet(gossip(2, update(3, 'alive', 1_001)), addressOf(2), 30_000);
    expect(statesOf(m.drain(), 3)).toEqual(['alive']);
  });

  it('seed "fractions": a tick at nextTickAt always makes progress', () => {
    const draws = createVirtualRandom('fractions');
    const m = machine();
    m.packet(gossip(2, ...[2, 3, 4, 5].map((n) => update(n))), addressOf(2), 0.1);
    let now = 0.1;
    for (let i = 0; i < 5_000; i++) {
      const next = m.nextTickAt();
      now = Math.max(now, next) + (i % 50 === 0 ? 333.3 * draws.next() : 0);
      m.tick(now);
      m.drain();
      expect(m.nextTickAt()).toBeGreaterThanOrEqual(now - 1e-6);
    }
    expect(now).toBeGreaterThan(10_000);
  });

  it('[M11] [M12] a lost link and a closed port make the member suspect at once, and two who say so make it dead', () => {
    const m = machine();
    m.packet(gossip(2, update(2), update(3)), addressOf(2), 0);
    live(m, 0, 400, [2, 3]);
    m.evidence(idOf(3), 'link-lost', 400);
    const looked = live(m, 400, 400, [2]);
    expect(looked).toContainEqual({ type: 'stream-probe', id: idOf(3), address: addressOf(3) });
    m.evidence(idOf(3), 'refused', 401);
    const effects = live(m, 401, 400 + timing.quickMs, [2]);
    expect(statesOf(effects, 3)).toEqual(['suspect']);
    expect(sent(effects).some(({ to }) => to.address === addressOf(2).address)).toBe(true);
    m.packet(gossip(2, { ...update(3, 'suspect'), by: idOf(2), cause: 'refused' }), addressOf(2), 430);
    expect(statesOf([...m.drain(), ...live(m, 430, 431, [2])], 3)).toEqual(['dead']);
    m.evidence(idOf(2), 'link-lost', 510);
    expect(statesOf(live(m, 510, 800, [2]), 2)).toEqual([]);
  });

  it('[M11] a sign of life by link ends the probe', () => {
    const m = machine();
    m.packet(gossip(2, update(2)), addressOf(2), 0);
    for (let now = 0; now < 5_000; now += 50) {
      m.evidence(idOf(2), 'heard', now);
      m.tick(now);
    }
    expect(statesOf(m.drain(), 2)).toEqual(['alive']);
  });

  it('[M1] who comes back under the same id with a higher incarnation is alive at once', () => {
    const m = machine();
    m.packet(gossip(3, update(2), update(3)), addressOf(3), 0);
    m.packet(gossip(3, update(2, 'dead')), addressOf(3), 1);
    m.packet(gossip(3, update(2)), addressOf(3), 2);
    expect(m.get(idOf(2))?.state).toBe('dead');
    m.candidate(candidate(2, beaconOf(2, { incarnation: 1_001 })), 3);
    expect(m.get(idOf(2))).toMatchObject({ state: 'alive', incarnation: 1_001 });
  });

  it('[M8] who is thought dead and beacons is pinged with the word of its death', () => {
    const m = machine();
    m.packet(gossip(2, update(2), update(3)), addressOf(2), 0);
    m.packet(gossip(2, update(3, 'dead')), addressOf(2), 1);
    live(m, 1, 50, [2]);
    m.candidate(candidate(3, beaconOf(3)), 51);
    const [told] = sent([...m.drain(), ...live(m, 51, 51)]).filter(({ packet }) => packet.kind === 'ping');
    expect(told).toMatchObject({ to: addressOf(3), packet: { to: idOf(3) } });
    expect(told?.packet).toMatchObject({ items: including([member({ ...update(3, 'dead'), by: idOf(2) })]) });
  });

  it('[M8] by synchronisation a death is a suspicion, and unknown dead are nobody', () => {
    const m = machine();
    m.packet(gossip(2, update(2), update(3)), addressOf(2), 0);
    m.items([member(update(3, 'dead')), member(update(4, 'dead')), member(update(5, 'left'))], idOf(2), 1);
    expect(m.get(idOf(3))?.claimed).toBe('suspect');
    expect([...m.members()]).toHaveLength(2);
  });

  it('[M8] pings the dead now and then, tells them so, and forgets them after ten minutes', () => {
    const m = machine();
    m.packet(gossip(2, update(2), update(3)), addressOf(2), 0);
    m.packet(gossip(2, update(3, 'dead')), addressOf(2), 1);
    m.drain();
    const pings = sent(live(m, 1, 10_000, [2])).filter(({ to }) => to.address === addressOf(3).address);
    expect(pings.length).toBeGreaterThanOrEqual(8);
    expect(pings[0]?.packet).toMatchObject({
      items: including([member({ ...update(3, 'dead'), by: idOf(2) })]),
    });
    const effects = live(m, 10_000, timing.rememberMs + 5_000, [2]);
    expect(effects).toContainEqual({ type: 'forgotten', id: idOf(3) });
  });
});

describe('news', () => {
  it('[B6] a leaving beacon is a goodbye, an old one is not', () => {
    const m = machine();
    m.packet(gossip(2, update(2)), addressOf(2), 0);
    m.candidate(candidate(2, beaconOf(2, { leaving: true, incarnation: 999 })), 1);
    expect(m.get(idOf(2))?.state).toBe('alive');
    m.candidate(candidate(2, beaconOf(2, { leaving: true })), 2);
    expect(m.get(idOf(2))?.state).toBe('left');
  });

  it('a beacon’s record version is news, and its way of being found is remembered', () => {
    const m = machine();
    m.packet(gossip(2, update(2)), addressOf(2), 0);
    m.candidate(candidate(2, beaconOf(2, { recordVersion: 4 })), 1);
    expect(m.get(idOf(2))?.recordVersion).toBe(4);
    expect(m.get(idOf(2))?.foundBy.map((it) => it.method)).toEqual(['introduction', 'multicast']);
  });

  it('[M7] leaves with word to several, and is silent then', () => {
    const m = machine();
    m.packet(gossip(2, ...[2, 3, 4, 5].map((n) => update(n))), addressOf(2), 0);
    m.drain();
    m.leave(5);
    const packets = sent(m.drain());
    expect(new Set(packets.map(({ to }) => to.address)).size).toBe(4);
    for (const { packet } of packets)
      expect(packet).toMatchObject({
        items: including([{ type: 'member', update: { ...update(1, 'left'), name: 'me', by: me } }]),
      });
    m.packet(ping(2, me, update(1, 'dead')), addressOf(2), 6);
    m.tick(1_000);
    expect(m.drain()).toEqual([]);
    expect(m.nextTickAt()).toBe(Infinity);
  });

  it('passes on what it is given, and hands records and loads of members up', () => {
    const m = machine();
    m.packet(gossip(2, update(2)), addressOf(2), 0);
    const record = { type: 'record', record: { id: idOf(2), incarnation: 1_000, version: 1, services: [] } } as const;
    const strange = { type: 'record', record: { ...record.record, id: idOf(9) } } as const;
    m.packet({ kind: 'gossip', from: idOf(2), items: [record, strange] }, addressOf(2), 1);
    expect(m.drain().filter((it) => it.type === 'record')).toEqual([{ ...record, from: idOf(2) }]);
    m.disseminate('record 2', encodeItem(record), true);
    expect(m.nextTickAt()).toBeLessThanOrEqual(1);
    expect(
      sent(live(m, 100, 200, [2])).some(
        ({ packet }) => packet.kind !== 'nack' && packet.items.some((it) => it.type === 'record'),
      ),
    ).toBe(true);
  });

  it.each([
    [2, 40],
    [10, 200],
    [50, 1_000],
    [60, 1_000],
  ])('[G4] of %i synchronises when two exchanges running differ, at most every %i ms', (count, gapMs) => {
    const m = machine();
    const others = Array.from({ length: count - 1 }, (_, index) => index + 2);
    m.packet(gossip(2, ...others.map((n) => update(n))), addressOf(2), 0);
    live(m, 0, 1_900, others);
    m.drain();
    const differ = (at: number): number => {
      m.packet({ ...ping(2, me), viewDigest: 12_345 } as GossipPacket, addressOf(2), at);
      return m.drain().filter((it) => it.type === 'sync').length;
    };
    expect([differ(2_000), differ(2_001)]).toEqual([0, 1]);
    live(m, 2_002, 1_999 + gapMs, others);
    expect([differ(1_999 + gapMs), differ(2_000 + gapMs)]).toEqual([0, 0]);
    expect(differ(2_001 + gapMs)).toBe(1);
  });
});
