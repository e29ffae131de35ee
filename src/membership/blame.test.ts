import { describe, expect, it } from 'vitest';
import {
  addressOf,
  gossip,
  idOf,
  live,
  machine,
  sent,
  statesOf,
  timing,
  update,
} from '../../test/simulation/one-machine.ts';
import type { Membership } from './membership.ts';

const others = [2, 3, 4, 5];

/** It knows four others. */
function meeting(): Membership {
  const m = machine();
  m.packet(gossip(2, ...others.map((n) => update(n))), addressOf(2), 0);
  live(m, 0, 1_000, others);
  return m;
}

/** All fall silent until `until`; then they come back, each with a higher incarnation. */
function isolated(m: Membership, from: number, until: number, incarnation: number): void {
  live(m, from, until);
  for (const n of others) m.packet(gossip(n, update(n, 'alive', incarnation)), addressOf(n), until);
  m.drain();
}

const ackOf = (m: Membership, n: number, sequence: number) =>
  ({ kind: 'ack', sequence, from: idOf(n), viewDigest: m.viewDigest(), items: [] }) as const;

/** As `live`, but node 3 is silent, and whoever is asked to ping it says that it got no answer. Returns when 3 was pinged. */
function withoutThree(m: Membership, from: number, until: number, isToStop = false): number {
  let pingedAt = Number.POSITIVE_INFINITY;
  for (let now = Math.max(from, m.nextTickAt()); now <= until; now = Math.max(now, m.nextTickAt())) {
    m.tick(now);
    for (const { to, packet } of sent(m.drain())) {
      const n = others.find((it) => addressOf(it).address === to.address) ?? 0;
      if (n === 3 && packet.kind === 'ping') pingedAt = Math.min(pingedAt, now);
      if (n === 3) continue;
      if (packet.kind === 'ping-request')
        m.packet({ kind: 'nack', sequence: packet.sequence, from: idOf(n) }, to, now + 0.25);
      if (packet.kind === 'ping') m.packet(ackOf(m, n, packet.sequence), to, now + 0.25);
    }
    if (isToStop && pingedAt <= now) break;
  }
  return pingedAt;
}

describe('a node that was cut off', () => {
  it('[M16] blames nobody for having gone while nobody at all answered it', () => {
    const m = meeting();
    for (let turn = 0; turn < 4; turn++) isolated(m, 1_000 + 4_000 * turn, 4_900 + 4_000 * turn, 2_000 + turn);
    expect([...m.members()].filter((it) => it.unstable)).toEqual([]);
    expect(m.counts().alive).toBe(4);
  });

  it('[M16] blames who went while others answered', () => {
    const m = meeting();
    for (let turn = 0; turn < 4; turn++) {
      const from = 1_000 + 4_000 * turn;
      withoutThree(m, from, from + 3_900);
      m.packet(gossip(3, update(3, 'alive', 2_000 + turn)), addressOf(3), from + 3_900);
    }
    expect([...m.members()].filter((it) => it.unstable).map((it) => it.name)).toEqual(['node-3']);
  });

  it('[M4] fails no probe of a life that is over', () => {
    const m = meeting();
    const pingedAt = withoutThree(m, 1_000, 9_000, true);
    // By another: it has not been heard itself.
    m.packet(gossip(2, update(3, 'alive', 1_001)), addressOf(2), pingedAt + 50);
    withoutThree(m, pingedAt + 50, pingedAt + timing.probeDeadlineMs + 10);
    expect(m.counts().probesFailed).toBe(0);
    expect(m.get(idOf(3))?.state).toBe('alive');
  });
});

describe('the word of one that was cut off', () => {
  it.each(['suspect', 'dead', 'degraded'] as const)('[M13] is heard, and not acted upon: %s', (state) => {
    const m = meeting();
    m.packet(gossip(4, { ...update(2, 'dead'), by: idOf(4) }), addressOf(4), 1_400);
    live(m, 1_400, 6_000, [3, 4, 5]);
    expect(m.get(idOf(2))?.state).toBe('dead');
    m.packet(gossip(2, { ...update(3, state), by: idOf(2) }), addressOf(2), 6_000);
    m.packet(gossip(2, update(2, 'alive', 1_001)), addressOf(2), 6_010);
    m.packet(gossip(2, { ...update(5, state), by: idOf(2) }), addressOf(2), 6_020);
    const effects = m.drain();
    for (const n of [3, 5]) {
      expect(statesOf(effects, n).filter((it) => it !== 'alive')).toEqual([]);
      expect(m.get(idOf(n))).toMatchObject({ state: 'alive', claimed: state === 'dead' ? 'suspect' : state });
    }
    // They are told, and contradict.
    const told = sent(live(m, 6_020, 6_200, [4])).flatMap(({ packet }) => ('items' in packet ? packet.items : []));
    const claims = told.flatMap((it) => (it.type === 'member' && it.update.state !== 'alive' ? [it.update.id] : []));
    expect(claims).toEqual(expect.arrayContaining([idOf(3), idOf(5)]));
  });

  it('[M14] does not make who contradicts it doubt its own health', () => {
    const m = meeting();
    m.packet(gossip(4, { ...update(2, 'dead'), by: idOf(4) }), addressOf(4), 1_400);
    live(m, 1_400, 6_000, [3, 4, 5]);
    const { health } = m.counts();
    m.packet(gossip(2, { ...update(1, 'dead'), by: idOf(2) }), addressOf(2), 6_000);
    expect(m.counts()).toMatchObject({ refutations: 1, health });
    m.packet(gossip(4, { ...update(1, 'suspect', 1_001), by: idOf(4) }), addressOf(4), 6_100);
    expect(m.counts()).toMatchObject({ refutations: 2, health: health + 1 });
  });
});

describe('a handshake after silence', () => {
  it('[M12] [M15] leaves the process a probe timeout to answer in', () => {
    const m = meeting();
    const pingedAt = withoutThree(m, 1_000, 9_000, true);
    withoutThree(m, pingedAt, pingedAt + timing.probeDeadlineMs - 20);
    m.evidence(idOf(3), 'accepted', pingedAt + timing.probeDeadlineMs - 20);
    const fairAt = pingedAt + timing.probeDeadlineMs - 20 + timing.probeTimeoutMs;
    withoutThree(m, fairAt - 50, fairAt - 5);
    expect(m.get(idOf(3))?.state).toBe('alive');
    withoutThree(m, fairAt - 5, fairAt + 5);
    expect(m.get(idOf(3))?.state).toBe('degraded');
  });
});

describe('who is called silent by one other', () => {
  /** Node 3 says nothing any more; its host completes handshakes, or does not. */
  function lookedFor(handshake: boolean) {
    const m = meeting();
    m.packet(gossip(2, { ...update(3, 'suspect'), by: idOf(2), cause: 'silent' }), addressOf(2), 1_000);
    let lookedAt = Number.NEGATIVE_INFINITY;
    let diedAt = Number.POSITIVE_INFINITY;
    for (let now = 1_000; now <= 4_000; now = Math.max(now, m.nextTickAt())) {
      m.tick(now);
      const effects = m.drain();
      if (m.get(idOf(3))?.state === 'dead') diedAt = Math.min(diedAt, now);
      for (const effect of effects) {
        if (effect.type !== 'stream-probe' || diedAt < Number.POSITIVE_INFINITY) continue;
        lookedAt = now;
        if (handshake) m.evidence(effect.id, 'accepted', now);
      }
      for (const { to, packet } of sent(effects)) {
        const n = others.find((it) => addressOf(it).address === to.address) ?? 0;
        if (packet.kind === 'ping' && n !== 3) m.packet(ackOf(m, n, packet.sequence), to, now + 0.25);
      }
    }
    return { state: m.get(idOf(3))?.state, lookedAt, diedAt };
  }

  it('[M5] is dead after a look that found nothing, no later than without it', () => {
    const { state, lookedAt, diedAt } = lookedFor(false);
    expect(state).toBe('dead');
    expect(diedAt - lookedAt).toBeLessThanOrEqual(timing.probeDeadlineMs);
    expect(diedAt - 1_000).toBeLessThanOrEqual(timing.suspicionFactor * timing.probeIntervalMs + 1);
  });

  it('[M5] [M15] is degraded and not dead where the look finds its host', () => {
    expect(lookedFor(true)).toMatchObject({ state: 'degraded', diedAt: Number.POSITIVE_INFINITY });
  });
});
