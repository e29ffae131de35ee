import { describe, expect, it } from 'vitest';
import {
  addressOf,
  gossip,
  idOf,
  live,
  machine,
  member,
  sent,
  statesOf,
  timing,
  update,
} from '../../test/simulation/one-machine.ts';
import { noNode } from '../protocol/ids.ts';
import type { MemberCause } from '../protocol/member-update.ts';
import type { Membership } from './membership.ts';
import { suspicionTimeMs } from './suspicion-time.ts';

const others = Array.from({ length: 44 }, (_, nth) => nth + 2);
const subject = 30;
const longestMs = suspicionTimeMs(timing, others.length + 1, 0);
const shortestMs = suspicionTimeMs(timing, others.length + 1, 3);

/** It knows forty-four others, is by chance none of those who look for themselves, and four of them say in synchronisations that one is dead, of which they know from who knows whom. */
function toldOfDeath(cause?: MemberCause): Membership {
  const m = machine();
  for (const n of others) m.packet(gossip(n, update(n)), addressOf(n), 0);
  live(m, 0, 1_000, others);
  for (const n of [2, 3, 4, 5]) m.items([member({ ...update(subject, 'dead'), cause })], idOf(n), 1_000);
  return m;
}

const pingsOf = (effects: Parameters<typeof sent>[0]) =>
  sent(effects).filter(({ to, packet }) => packet.kind === 'ping' && to.address === addressOf(subject).address);

describe('[M13] a death that several tell by synchronisation', () => {
  it.each([undefined, 'refused'] as const)('is no word of theirs: nobody acts upon it, cause %s', (cause) => {
    const m = toldOfDeath(cause);
    expect(m.get(idOf(subject))).toMatchObject({ state: 'alive', claimed: 'suspect' });
    const effects = live(m, 1_000, 1_000 + longestMs - timing.probeDeadlineMs, others);
    expect(statesOf(effects, subject)).toEqual([]);
  });

  it('is passed on without a witness', () => {
    const told = sent(live(toldOfDeath(), 1_000, 1_200, others)).flatMap(({ packet }) =>
      'items' in packet ? packet.items : [],
    );
    const words = told.flatMap((it) => (it.type === 'member' && it.update.id === idOf(subject) ? [it.update] : []));
    expect(words.length).toBeGreaterThan(0);
    for (const { by, state } of words) expect({ by, state }).toEqual({ by: noNode, state: 'suspect' });
  });

  it('is looked into at its end, and kills nobody who answers', () => {
    const m = toldOfDeath();
    const effects = live(m, 1_000, 1_000 + longestMs + timing.probeDeadlineMs, others);
    expect(pingsOf(effects).length).toBeGreaterThan(0);
    expect(m.get(idOf(subject))).toMatchObject({ state: 'alive', claimed: 'suspect' });
  });

  it('is true at the end of the longest suspicion for whom nobody reaches', () => {
    const m = toldOfDeath();
    const answering = others.filter((n) => n !== subject);
    live(m, 1_000, 1_000 + longestMs + timing.probeDeadlineMs, answering);
    expect(m.get(idOf(subject))?.state).toBe('dead');
  });

  it('becomes a suspicion like any other once somebody has found so himself', () => {
    const m = toldOfDeath();
    const answering = others.filter((n) => n !== subject);
    live(m, 1_000, 2_000, answering);
    for (const n of [6, 7, 8, 9])
      m.packet(gossip(n, { ...update(subject, 'suspect'), cause: 'silent' }), addressOf(n), 2_000);
    expect(m.get(idOf(subject))?.state).toBe('suspect');
    expect(statesOf(live(m, 2_000, 2_000 + shortestMs - 50, answering), subject)).toEqual(['suspect']);
    live(m, 2_000 + shortestMs - 50, 2_000 + shortestMs + 50, answering);
    expect(m.get(idOf(subject))?.state).toBe('dead');
  });
});
