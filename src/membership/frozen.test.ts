import { describe, expect, it } from 'vitest';
import { addressOf, gossip, idOf, live, machine, sent, timing, update } from '../../test/simulation/one-machine.ts';
import type { Membership } from './membership.ts';

const others = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

/** It knows eleven others. */
function meeting(): Membership {
  const m = machine();
  m.packet(gossip(2, ...others.map((n) => update(n))), addressOf(2), 0);
  live(m, 0, 1_000, others);
  return m;
}

/** Node 3 does not answer, and its host completes the handshake; helpers say that they have no answer, or nothing. */
function frozenThree(hasHelp: boolean) {
  const m = meeting();
  const pings: number[] = [];
  const told = new Set<string>();
  let foundAt = Number.POSITIVE_INFINITY;
  for (let now = m.nextTickAt(); now <= 3_000; now = Math.max(now, m.nextTickAt())) {
    m.tick(now);
    const wasFound = foundAt < now;
    if (m.get(idOf(3))?.state === 'degraded') foundAt = Math.min(foundAt, now);
    const effects = m.drain();
    for (const effect of effects) if (effect.type === 'stream-probe') m.evidence(effect.id, 'accepted', now);
    for (const { to, packet } of sent(effects)) {
      const n = others.find((it) => addressOf(it).address === to.address) ?? 0;
      if (n === 3 && packet.kind === 'ping' && foundAt > now) pings.push(now);
      if (foundAt === now && !wasFound && packet.kind === 'gossip') told.add(to.address);
      if (n === 3) continue;
      const { viewDigest } = { viewDigest: m.viewDigest() };
      if (packet.kind === 'ping')
        m.packet({ kind: 'ack', sequence: packet.sequence, from: idOf(n), viewDigest, items: [] }, to, now + 0.25);
      if (packet.kind === 'ping-request' && hasHelp)
        m.packet({ kind: 'nack', sequence: packet.sequence, from: idOf(n) }, to, now + 0.25);
    }
  }
  return { pings, foundMs: foundAt - (pings[0] ?? 0), told };
}

describe('one whose host completes handshakes and who says nothing', () => {
  it('[M15] is degraded after three probe timeouts and as many pings as a silent one gets in its deadline, twice', () => {
    const { pings, foundMs } = frozenThree(true);
    expect(foundMs).toBeGreaterThanOrEqual(3 * timing.probeTimeoutMs);
    expect(foundMs).toBeLessThanOrEqual(3 * timing.probeTimeoutMs + 1);
    expect(pings.length).toBeGreaterThanOrEqual(9);
  });

  it('[M12] [M15] is told of to all others at once', () => {
    const { told } = frozenThree(true);
    const all = others.filter((n) => n !== 3).map((n) => addressOf(n).address);
    expect([...told]).toEqual(expect.arrayContaining(all));
  });

  it('[M15] has longer where no helper says anything', () => {
    expect(frozenThree(false).foundMs).toBeGreaterThan(timing.probeDeadlineMs);
  });

  it('[M15] is shown so when one other suspects it and another has found it frozen', () => {
    const m = meeting();
    m.packet(gossip(2, { ...update(3, 'suspect'), by: idOf(2), cause: 'silent' }), addressOf(2), 1_000);
    expect(m.get(idOf(3))).toMatchObject({ state: 'alive', claimed: 'suspect' });
    m.packet(gossip(4, { ...update(3, 'degraded'), by: idOf(4), cause: 'frozen' }), addressOf(4), 1_010);
    expect(m.get(idOf(3))).toMatchObject({ state: 'degraded', claimed: 'suspect' });
  });
});

describe('whom a node pings', () => {
  it('[M4] of two others both as often, though one is the next on the ring', () => {
    const m = machine();
    m.packet(gossip(2, update(2), update(3)), addressOf(2), 0);
    live(m, 0, 1_000, [2, 3]);
    const pinged = sent(live(m, 1_000, 1_000 + 20 * timing.probeIntervalMs, [2, 3]))
      .filter(({ packet }) => packet.kind === 'ping')
      .map(({ to }) => to.address);
    expect(pinged.length).toBeGreaterThanOrEqual(20);
    expect(pinged.filter((it, nth) => it === pinged[nth + 1])).toEqual([]);
  });
});

describe('what little there is to tell', () => {
  it('[M6] is told as often, whoever else tells it', () => {
    const timesTold = (isHeardAgain: boolean): number => {
      const m = meeting();
      const death = { ...update(2, 'dead'), by: idOf(4) };
      m.packet(gossip(4, death), addressOf(4), 1_400);
      if (isHeardAgain) for (let nth = 0; nth < 20; nth++) m.packet(gossip(5, death), addressOf(5), 1_401 + nth / 100);
      return sent(live(m, 1_402, 3_000, others.slice(1))).filter(
        ({ packet }) =>
          packet.kind === 'gossip' && packet.items.some((it) => it.type === 'member' && it.update.id === idOf(2)),
      ).length;
    };
    expect(timesTold(true)).toBe(timesTold(false));
    expect(timesTold(true)).toBeGreaterThanOrEqual(5);
  });
});
