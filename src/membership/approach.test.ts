import { describe, expect, it } from 'vitest';
import {
  addressOf,
  beaconOf,
  candidate,
  gossip,
  idOf,
  live,
  machine,
  me,
  ping,
  sent,
  update,
} from '../../test/simulation/one-machine.ts';
import type { Membership } from './membership.ts';

const linkLocal = { address: 'fe80::2%eth0', port: 7_472 };

/** How often it was pinged where it says it is, while it answers only where it was heard. */
function pingsElsewhere(m: Membership, until: number): number {
  let pings = 0;
  for (let now = m.nextTickAt(); now <= until; now = Math.max(now, m.nextTickAt())) {
    m.tick(now);
    for (const { to, packet } of sent(m.drain())) {
      if (packet.kind !== 'ping') continue;
      if (to.address !== linkLocal.address) pings += 1;
      else m.packet({ kind: 'ack', sequence: packet.sequence, from: idOf(2), viewDigest: 0, items: [] }, to, now + 1);
    }
  }
  return pings;
}

describe('a member that was heard at an address it does not say', () => {
  it('is asked where it says it is, and reached there from then on', () => {
    const m = machine();
    m.packet(gossip(2, update(2)), linkLocal, 0);
    expect(m.get(idOf(2))?.reachedAt).toEqual(linkLocal);
    const asked = sent(m.drain()).find(({ to }) => to.address === addressOf(2).address);
    expect(asked?.packet.kind).toBe('ping');
    const sequence = asked?.packet.kind === 'ping' ? asked.packet.sequence : -1;
    m.packet({ kind: 'ack', sequence, from: idOf(2), viewDigest: 0, items: [] }, addressOf(2), 1);
    expect(m.get(idOf(2))?.reachedAt).toEqual(addressOf(2));
  });

  it('is reached where it was heard, when nobody answers where it says it is, and is left alone there', () => {
    const m = machine();
    m.packet(gossip(2, update(2)), linkLocal, 0);
    m.drain();
    expect(pingsElsewhere(m, 10_000)).toBe(3);
    expect(m.get(idOf(2))?.state).toBe('alive');
    expect(m.get(idOf(2))?.reachedAt).toEqual(linkLocal);
  });

  it('and of which others had told before is asked as well', () => {
    const m = machine();
    m.packet(gossip(3, update(3), update(2)), addressOf(3), 0);
    m.drain();
    m.packet(ping(2, me, update(2)), linkLocal, 1);
    expect(
      sent(m.drain()).some(({ to, packet }) => packet.kind === 'ping' && to.address === addressOf(2).address),
    ).toBe(true);
  });
});

describe('[M19] strangers heard by beacon', () => {
  const pinged = (effects: ReturnType<Membership['drain']>): string[] =>
    sent(effects).flatMap(({ to, packet }) => (packet.kind === 'ping' ? [to.address] : []));
  const hear = (m: Membership, n: number, now: number, address = addressOf(n)): void =>
    m.candidate({ ...candidate(n, beaconOf(n)), address }, now);

  const strangers = Array.from({ length: 10 }, (_, i) => i + 2);

  it('are pinged at once up to ten, and the next within two probe timeouts', () => {
    const m = machine();
    for (const n of [...strangers, 12]) hear(m, n, 0);
    expect(pinged(m.drain())).toEqual(strangers.map((n) => addressOf(n).address));
    expect(pinged(live(m, 0, 99))).toEqual([]);
    expect(pinged(live(m, 100, 200))).toEqual([addressOf(12).address]);
  });

  it('are not pinged where gossip tells of them in the meantime, and it is known how they were found', () => {
    const m = machine();
    for (const n of [...strangers, 12]) hear(m, n, 0);
    m.drain();
    m.packet(gossip(2, update(2), update(12)), addressOf(2), 50);
    expect(pinged(m.drain())).not.toContain(addressOf(12).address);
    expect(m.get(idOf(12))?.foundBy).toMatchObject([{ method: 'multicast' }]);
    const before = m.counts().probes;
    expect(pinged(live(m, 50, 100))).not.toContain(addressOf(12).address);
    expect(m.counts().probes - before).toBeLessThanOrEqual(2);
  });

  /** When the next stranger is pinged, while each 10 ms brings word of so many others. */
  function pingedAt(newcomers: number): number[] {
    const m = machine();
    for (const n of strangers) m.packet(gossip(n, update(n)), addressOf(n), 0);
    live(m, 0, 200, strangers);
    hear(m, 100, 200);
    const at: number[] = [];
    for (let now = 210; now <= 3_000; now += 10) {
      const others = Array.from({ length: newcomers }, (_, i) => update(100 + now * 10 + i));
      if (others.length > 0) m.packet(gossip(2, ...others), addressOf(2), now);
      if (pinged(live(m, now, now, strangers)).includes(addressOf(100).address)) at.push(now);
    }
    return at;
  }

  it('wait on, six times at most, while gossip brings many others', () => {
    const [none = 0] = pingedAt(0);
    expect(none).toBeLessThanOrEqual(200 + 210);
    const at = pingedAt(2);
    expect(at).toHaveLength(1);
    expect(at[0]).toBeGreaterThan(200 + 3 * 100);
    expect(at[0]).toBeLessThanOrEqual(200 + 7 * 210);
  });

  it('are not held off by seeds that do not answer', () => {
    const m = machine();
    for (const n of [...strangers, 12, 13]) m.candidate(candidate(n), 0);
    m.drain();
    hear(m, 14, 0);
    expect(pinged(m.drain())).toEqual([addressOf(14).address]);
  });

  it('are pinged at a second address when the first has not answered within a probe timeout', () => {
    const m = machine();
    hear(m, 2, 0);
    hear(m, 2, 0, linkLocal);
    expect(pinged(m.drain())).toEqual([addressOf(2).address]);
    expect(pinged(live(m, 0, 110))).toEqual([linkLocal.address]);
  });

  it('that are known are asked at once when they come back', () => {
    const m = machine();
    for (const n of strangers) m.packet(gossip(n, update(n)), addressOf(n), 0);
    live(m, 0, 300, strangers);
    m.candidate(candidate(6, beaconOf(6, { incarnation: 2_000 })), 300);
    expect(pinged(m.drain())).toContain(addressOf(6).address);
  });
});
