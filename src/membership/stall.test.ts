import { describe, expect, it } from 'vitest';
import { addressOf, gossip, idOf, live, machine, ping, update } from '../../test/simulation/one-machine.ts';
import { encodeItem } from '../protocol/gossip-item.ts';

describe('[M15] a stall of this node', () => {
  it('is not that a confirmation puts the end of a suspicion into the past', () => {
    const m = machine();
    const others = Array.from({ length: 20 }, (_, index) => index + 2);
    const answering = others.filter((n) => n !== 3);
    m.packet(gossip(2, ...others.map((n) => update(n))), addressOf(2), 0);
    live(m, 0, 3_000, answering);
    m.packet(gossip(2, { ...update(3, 'suspect'), by: idOf(2) }), addressOf(2), 3_000);
    live(m, 3_000, 4_600, answering);
    for (const n of [4, 5, 6]) m.packet(gossip(n, { ...update(3, 'suspect'), by: idOf(n) }), addressOf(n), 4_600);
    live(m, 4_600, 4_800, answering);
    expect(m.get(idOf(3))?.state).toBe('dead');
    expect(m.counts().lateTicks).toBe(0);
  });

  it('does not come of news and packets that keep coming: they put no tick off', () => {
    const m = machine();
    m.packet(gossip(2, update(2)), addressOf(2), 0);
    live(m, 0, 1_000, [2]);
    const record = encodeItem({
      type: 'record',
      record: { id: idOf(2), incarnation: 1_000, version: 1, services: [] },
    });
    m.packet(gossip(2), addressOf(2), 1_000);
    m.disseminate('record 2', record, true);
    expect(m.nextTickAt()).toBeLessThanOrEqual(1_000);
    for (let now = 1_001; now < 1_090; now += 10) {
      m.packet(gossip(2), addressOf(2), now);
      expect(m.nextTickAt()).toBeLessThanOrEqual(1_001);
      m.disseminate('record 2', record, true);
      expect(m.nextTickAt()).toBeLessThanOrEqual(1_001);
    }
    expect(m.counts().lateTicks).toBe(0);
  });

  it('that is the third while it calls itself degraded is said by the same word, for longer', () => {
    const m = machine();
    m.packet(gossip(2, update(2)), addressOf(2), 0);
    live(m, 0, 900, [2]);
    let now = m.nextTickAt();
    const changes: string[] = [];
    const run = (until: number) => {
      for (const it of live(m, now, until, [2])) {
        if (it.type === 'changed' && it.member.id === m.self().id) changes.push(it.member.state);
      }
      now = m.nextTickAt();
    };
    now += 1_500;
    m.tick(now);
    m.packet(ping(2, m.self().id, { ...update(1, 'suspect'), by: idOf(2) }), addressOf(2), now);
    changes.push(m.self().state);
    for (let stalls = 0; stalls < 2; stalls++) {
      run(now + 500);
      now += 1_000;
      m.tick(now);
      run(now + 1);
    }
    run(now + 20_000);
    expect(changes).toEqual(['degraded', 'degraded', 'alive']);
  });
});
