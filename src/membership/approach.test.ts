import { describe, expect, it } from 'vitest';
import { addressOf, gossip, idOf, machine, me, ping, sent, update } from '../../test/simulation/one-machine.ts';
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
