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
  update,
} from '../../test/simulation/one-machine.ts';
import { noNode } from '../protocol/ids.ts';
import { membersMax, payloadBytesMax } from '../protocol/limits.ts';

describe('meeting', () => {
  it('[G5] pings a seed at once with its own item, and takes who acks with his', () => {
    const m = machine();
    m.candidate(candidate(2), 0);
    const [knock] = sent(m.drain());
    expect(knock?.packet).toMatchObject({ kind: 'ping', to: noNode, items: [{ update: { id: me } }] });
    const sequence = knock?.packet.kind === 'ping' ? knock.packet.sequence : -1;
    m.packet({ kind: 'ack', sequence, from: idOf(2), viewDigest: 0, items: [member(update(2))] }, addressOf(2), 1);
    const effects = m.drain();
    expect(m.get(idOf(2))).toMatchObject({ state: 'alive', reachedAt: addressOf(2), foundBy: [{ method: 'seed' }] });
    expect(effects).toContainEqual({ type: 'sync', with: idOf(2) });
  });

  it('[D3] answers a beacon with less than the beacon, and once', () => {
    const m = machine();
    m.candidate(candidate(2, beaconOf(2)), 0);
    const packets = sent([...m.drain(), ...live(m, 0, 3_000)]).filter(({ packet }) => packet.kind === 'ping');
    expect(packets).toHaveLength(1);
    expect(packets[0]?.packet).toMatchObject({ kind: 'ping', to: idOf(2), items: [] });
    // The shortest beacon there can be, names of one letter.
    expect(packets[0]?.bytes).toBeLessThanOrEqual(37);
  });

  it('[D3] [G5] says who asks in the first ping where that makes it no longer than the beacon', () => {
    const knock = (beaconBytes: number) => {
      const m = machine();
      m.candidate(candidate(2, beaconOf(2, { seeking: true }), beaconBytes), 0);
      return sent(m.drain())[0]!;
    };
    const long = knock(160);
    expect(long.packet).toMatchObject({ kind: 'ping', to: idOf(2), items: [{ update: { id: me } }] });
    expect(knock(long.bytes).packet).toMatchObject({ items: [{ update: { id: me } }] });
    expect(knock(long.bytes - 1).packet).toMatchObject({ items: [] });
  });

  it('[M19] is one ping and one ack where the ping says who asks, or both ask at once', () => {
    const answers = [
      (sequence: number) =>
        ({ kind: 'ack', sequence, from: idOf(2), viewDigest: 0, items: [member(update(2))] }) as const,
      () => ping(2, me, update(2)),
    ];
    for (const answer of answers) {
      const m = machine();
      m.candidate(candidate(2, beaconOf(2, { seeking: true }), 160), 0);
      const [knock] = sent(m.drain());
      const sequence = knock?.packet.kind === 'ping' ? knock.packet.sequence : -1;
      m.packet(answer(sequence), addressOf(2), 1);
      const met = m.drain();
      m.packet({ kind: 'ack', sequence, from: idOf(2), viewDigest: 0, items: [] }, addressOf(2), 2);
      const acked = [...m.drain(), ...live(m, 1, 2)];
      expect(sent([...met, ...acked]).filter(({ packet }) => packet.kind === 'ping')).toEqual([]);
      // All there is to know of it was told when it became a member.
      expect(statesOf(met, 2)).toEqual(['alive']);
      expect(statesOf(acked, 2)).toEqual([]);
      expect(m.get(idOf(2))).toMatchObject({ state: 'alive', foundBy: [{ method: 'multicast' }] });
    }
  });

  it('[M19] is followed by a probe where the ping that was under way got no ack', () => {
    const m = machine();
    m.candidate(candidate(2, beaconOf(2, { seeking: true }), 160), 0);
    m.drain();
    m.packet(ping(2, me, update(2)), addressOf(2), 50);
    m.drain();
    live(m, 50, 99);
    const before = m.counts().probes;
    const pings = sent(live(m, 99, 101)).filter(({ packet }) => packet.kind === 'ping');
    expect(m.counts().probes).toBe(before + 1);
    expect(pings.map(({ to }) => to)).toEqual([addressOf(2)]);
    live(m, 101, 700);
    expect(m.get(idOf(2))?.claimed).toBe('suspect');
  });

  it('[G5] tells who was known and began anew, as a beacon says, who asks', () => {
    const m = machine();
    m.packet(gossip(3, update(2), update(3)), addressOf(3), 0);
    live(m, 0, 500, [2, 3]);
    m.candidate(candidate(2, beaconOf(2, { incarnation: 9_000 })), 500);
    const [knock] = sent(m.drain()).filter(({ to }) => to.address === addressOf(2).address);
    const sequence = knock?.packet.kind === 'ping' ? knock.packet.sequence : -1;
    m.packet({ kind: 'ack', sequence, from: idOf(2), viewDigest: 0, items: [] }, addressOf(2), 501);
    const introductions = sent(m.drain()).filter(({ packet }) => packet.kind === 'ping' && packet.items.length > 0);
    expect(introductions.map(({ to }) => to)).toEqual([addressOf(2)]);
    expect(introductions[0]?.packet).toMatchObject({ items: [{ update: { id: me } }] });
  });

  it('[D3] answers a stranger’s ping with nothing but a bare ack', () => {
    const m = machine();
    m.packet(ping(2, me), addressOf(2), 0);
    const packets = sent(m.drain());
    expect(packets).toHaveLength(1);
    expect(packets[0]?.packet).toMatchObject({ kind: 'ack', sequence: 77, items: [] });
    expect(packets[0]?.bytes).toBeLessThan(26);
    expect([...m.members()]).toEqual([]);
  });

  it('takes a stranger who brings his own item, and tries his address', () => {
    const m = machine();
    m.packet(ping(2, noNode, update(2)), addressOf(9), 0);
    expect(m.get(idOf(2))).toMatchObject({
      state: 'alive',
      reachedAt: addressOf(9),
      foundBy: [{ method: 'introduction' }],
    });
    const out = sent([...m.drain(), ...live(m, 0, 0)]);
    expect(out.find(({ packet }) => packet.kind === 'ack')?.packet).toMatchObject({
      items: [{ update: { id: me } }, {}],
    });
    expect(out.some(({ packet, to }) => packet.kind === 'ping' && to.address === addressOf(9).address)).toBe(true);
  });

  it('[G3] is silent to a ping for another', () => {
    const m = machine();
    m.packet(ping(2, idOf(3), update(2)), addressOf(2), 0);
    expect(sent(m.drain())).toEqual([]);
    expect(m.get(idOf(2))).toBeUndefined();
  });

  it('[V2] reports a peer with no common version once, and does not take it', () => {
    const m = machine();
    const alien = { ...update(2), versionOldest: 2, versionNewest: 3 };
    m.packet(gossip(2, alien), addressOf(2), 0);
    m.candidate(candidate(2, beaconOf(2, { versionOldest: 2, versionNewest: 3 })), 1);
    const reports = m.drain().filter((it) => it.type === 'incompatible');
    expect(reports).toHaveLength(1);
    expect(m.get(idOf(2))).toBeUndefined();
  });

  it('keeps one name under two ids apart, and finds the livelier', () => {
    const m = machine();
    m.packet(gossip(2, { ...update(2), name: 'db' }, { ...update(3, 'suspect'), name: 'db' }), addressOf(2), 0);
    expect(m.byName('db')?.id).toBe(idOf(2));
    m.packet(gossip(2, { ...update(2, 'dead'), name: 'db' }), addressOf(2), 1);
    expect(m.byName('db')?.id).toBe(idOf(3));
    expect(m.byName('me')?.id).toBe(me);
  });
});

describe('bounds', () => {
  it('a flood of forged beacons costs a bounded number of pings and changes no member', () => {
    const m = machine();
    m.packet(gossip(2, update(2)), addressOf(2), 0);
    m.drain();
    let pings = 0;
    for (let i = 0; i < 20_000; i++) {
      m.candidate(candidate(1_000 + i, beaconOf(1_000 + i)), i / 20);
      pings += sent(m.drain()).filter(({ packet }) => packet.kind === 'ping').length;
    }
    // A burst of 128 and 64 in the second it lasts.
    expect(pings).toBeLessThan(200);
    expect(m.counts().candidatesRefused).toBeGreaterThan(19_000);
    expect([...m.members()].map((it) => it.id)).toEqual([idOf(2)]);
  });

  it('a flood of suspicions, each of another accuser, costs a bounded queue and bounded packets', () => {
    const m = machine();
    const all = Array.from({ length: 20 }, (_, i) => i + 2);
    m.packet(gossip(2, ...all.map((n) => update(n))), addressOf(2), 0);
    live(m, 0, 5_000, all);
    let packets = 0;
    for (let i = 0; i < 10_000; i++) {
      const accused = { ...update(3 + (i % 19), 'suspect'), by: idOf(1_000 + i) };
      m.packet(gossip(2, accused), addressOf(2), 5_000 + i / 10);
      packets += sent(m.drain()).length + sent(live(m, 5_000 + i / 10, 5_000 + i / 10, all)).length;
    }
    expect(m.counts().queued).toBeLessThanOrEqual(19 * 5 + 1);
    // In the second it lasts: 3 packets of news each 10 ms, and a probe of each at a time.
    expect(packets).toBeLessThan(1_000);
  });

  it('[M10] refuses the 2,000th other member, and lets the living stay', () => {
    const m = machine();
    const all = Array.from({ length: membersMax + 10 }, (_, i) => update(i + 2));
    m.items(all.map(member), idOf(2), 0);
    expect(m.counts()).toMatchObject({ alive: membersMax - 1, membersRefused: 11 });
    expect(m.get(idOf(2))?.state).toBe('alive');
    m.items([member(update(2, 'left'))], idOf(2), 1);
    m.items([member(update(5_000))], idOf(2), 2);
    expect(m.get(idOf(5_000))?.state).toBe('alive');
  });

  it('[D1] fills no packet above the bound', () => {
    const m = machine();
    m.items(
      Array.from({ length: 60 }, (_, i) => member(update(i + 2))),
      idOf(2),
      0,
    );
    const packets = sent([...m.drain(), ...live(m, 0, 2_000)]);
    expect(Math.max(...packets.map((it) => it.bytes))).toBeGreaterThan(payloadBytesMax - 100);
    expect(Math.max(...packets.map((it) => it.bytes))).toBeLessThanOrEqual(payloadBytesMax);
  });

  it('raises its incarnation only so often, however much is said against it', () => {
    const m = machine();
    for (let i = 0; i < 1_000; i++) m.packet(gossip(2, update(1, 'dead', m.self().incarnation)), addressOf(2), i);
    expect(m.counts().refutations).toBeLessThan(25);
    const largest = Number.MAX_SAFE_INTEGER;
    m.packet(gossip(2, update(1, 'dead', largest)), addressOf(2), 60_000);
    expect(m.self().incarnation).toBeLessThan(largest);
  });
});

describe('what is said of this node', () => {
  it.each(['degraded', 'suspect', 'dead', 'left'] as const)('[M3] refutes %s', (state) => {
    const m = machine();
    m.packet(gossip(2, update(1, state)), addressOf(2), 0);
    expect(m.drain()).toContainEqual({ type: 'incarnation', incarnation: 1_001 });
    expect(m.self()).toMatchObject({ state: 'alive', incarnation: 1_001 });
  });

  it('[M3] tells the accuser in the ack', () => {
    const m = machine();
    m.packet(ping(2, me, update(2), update(1, 'suspect')), addressOf(2), 0);
    const ack = sent(m.drain()).find(({ packet }) => packet.kind === 'ack');
    expect(ack?.packet).toMatchObject({
      items: including([member({ ...update(1, 'alive', 1_001), by: me, name: 'me' })]),
    });
  });

  it('[M2] begins above an earlier life with a faster clock', () => {
    const m = machine();
    m.packet(gossip(2, update(1, 'alive', 5_000)), addressOf(2), 0);
    expect(m.self().incarnation).toBe(5_001);
  });

  it('[M3] old claims move nothing', () => {
    const m = machine();
    m.packet(gossip(2, update(1, 'dead', 999)), addressOf(2), 0);
    expect(m.self().incarnation).toBe(1_000);
  });

  it('[M2] raises its incarnation when its addresses change', () => {
    const m = machine();
    m.setAddresses([addressOf(7)], 5);
    expect(m.self()).toMatchObject({ incarnation: 1_001, addresses: [addressOf(7)] });
  });
});
