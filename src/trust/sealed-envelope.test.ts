import * as fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { clusterTag } from '../protocol/cluster-tag.ts';
import { encodeDatagram, envelopeBytes } from '../protocol/datagram.ts';
import { type NodeId, nodeIdFrom } from '../protocol/ids.ts';
import { memoryStorage } from '../runtime/memory-storage.ts';
import { createVirtualRandom } from '../testing/virtual-random.ts';
import { counterOf, drawEpoch, epochName } from './epoch.ts';
import { createHeardKeys } from './heard-keys.ts';
import { createKeyRing, type KeyRing } from './key-ring.ts';
import { epochsPerSecond, windowsMax } from './opener.ts';
import { newRing, ringKeyOf } from './ring-state.ts';
import { createSealedEnvelope, type SealedEnvelope } from './sealed-envelope.ts';

const random = createVirtualRandom(7);
const now = { ms: 0 };
const starts = { count: 0 };
const clock = {
  now: () => now.ms,
  wallTime: () => 1_700_000_000_000 + now.ms,
  schedule: () => ({ cancel() {} }),
};
const key = (number: number) => new Uint8Array(32).fill(number);
const ringWith = (number = 1, cluster = 'site'): KeyRing =>
  createKeyRing(newRing(cluster, key(number), number), memoryStorage());
const idOf = (number: number): NodeId => nodeIdFrom(new Uint8Array(8).fill(number));

function node(number: number, ring = ringWith(), startMs = ++starts.count): SealedEnvelope {
  return createSealedEnvelope({
    ring,
    clock,
    random,
    self: idOf(number),
    startMs,
    heardKeys: createHeardKeys(ring, random),
  });
}

/** Gossip by that node, with a tail. */
function gossipOf(number: number, tail: readonly number[] = []): Uint8Array {
  return Uint8Array.from([6, ...new Uint8Array(8).fill(number), ...tail]);
}

const reasonOf = (opened: ReturnType<SealedEnvelope['open']>) => (opened.ok ? 'opened' : opened.reason);

beforeEach(() => {
  now.ms += 10_000;
});

describe('a sealed datagram [K3] [K4]', () => {
  it('is opened by who has the key, once', () => {
    const [a, b] = [node(1), node(2)];
    const bytes = a.seal(gossipOf(1, [1, 2, 3]));
    expect(b.open(bytes)).toMatchObject({ ok: true, version: 1, payload: Buffer.from(gossipOf(1, [1, 2, 3])) });
    expect(reasonOf(b.open(bytes))).toBe('replayed');
    expect(reasonOf(b.open(a.seal(gossipOf(1, [1, 2, 3]))))).toBe('opened');
  });

  it('says nothing to who has another key, the key under another cluster, or none', () => {
    const bytes = node(1).seal(gossipOf(1));
    expect(reasonOf(node(2, ringWith(2)).open(bytes))).toBe('unknown-key');
    expect(reasonOf(node(2, ringWith(1, 'other')).open(bytes))).toBe('unknown-key');
    expect(reasonOf(node(2).open(encodeDatagram(clusterTag('site'), gossipOf(1))))).toBe('not-sealed');
  });

  it('is not opened after any change of any byte', () => {
    const [a, b] = [node(1), node(2)];
    const bytes = a.seal(gossipOf(1, [1, 2, 3]));
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const mutant = Uint8Array.from(bytes);
        mutant[at] = (mutant[at] as number) ^ flip;
        now.ms += 10;
        expect(b.open(mutant).ok).toBe(false);
      }),
    );
    expect(b.open(bytes).ok).toBe(true);
  });

  it('has a nonce of its own, also where the clock stands still or goes back', () => {
    const ring = ringWith();
    const nonces = new Set<string>();
    for (let start = 0; start < 50; start++) {
      const sender = node(1, ring);
      for (let i = 0; i < 20; i++) {
        nonces.add(Buffer.from(sender.seal(gossipOf(1)).subarray(envelopeBytes, envelopeBytes + 12)).toString('hex'));
      }
    }
    expect(nonces.size).toBe(1_000);
  });
});

describe('epochs', () => {
  it('sort as their times do', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 31), fc.nat(2 ** 31), (a, b) => {
        fc.pre(a !== b);
        const [first, second] = [drawEpoch(a * 1_000, random), drawEpoch(b * 1_000, random)];
        expect(first.name < second.name).toBe(a < b);
        expect(epochName(first.bytes)).toBe(first.name);
      }),
    );
  });

  it('what was recorded before a restart is dropped once the restarted node was heard, also without its window', () => {
    const recorded = node(1, ringWith(), 1_700_000_000_000).seal(gossipOf(1, [9]));
    const restarted = node(1, ringWith(), 1_700_000_000_000 + now.ms + 1);
    const b = node(2);
    expect(reasonOf(b.open(restarted.seal(gossipOf(1))))).toBe('opened');
    expect(reasonOf(b.open(recorded))).toBe('replayed');
  });

  it('a node that hears its own epoch of another draws a new one', () => {
    const twin = { next: () => 0, bytes: (count: number) => new Uint8Array(count) };
    const make = (number: number) => {
      const ring = ringWith();
      const heardKeys = createHeardKeys(ring, random);
      return createSealedEnvelope({ ring, clock, random: twin, self: idOf(number), startMs: 0, heardKeys });
    };
    const [a, b] = [make(1), make(2)];
    const epochIn = (bytes: Uint8Array) => epochName(bytes.subarray(envelopeBytes));
    const before = epochIn(b.seal(gossipOf(2)));
    expect(before).toBe(epochIn(a.seal(gossipOf(1))));
    expect(b.open(a.seal(gossipOf(1))).ok).toBe(true);
    const after = b.seal(gossipOf(2));
    expect(epochIn(after) > before).toBe(true);
    expect(counterOf(after.subarray(envelopeBytes))).toBe(1);
  });
});

describe('what is kept', () => {
  it('is bounded: windows, and derivations for made-up epochs', () => {
    const ring = ringWith();
    const b = node(2, ring);
    for (let sender = 0; sender < windowsMax + 10; sender++) {
      now.ms += 5;
      const random8 = random.bytes(8);
      const payload = Uint8Array.from([6, ...random8]);
      expect(b.open(node(3, ring).seal(payload)).ok).toBe(true);
    }
    expect(b.windows).toBe(windowsMax);
    const bytes = node(1, ring).seal(gossipOf(1));
    const reasons = new Map<string, number>();
    for (let i = 0; i < 3 * epochsPerSecond; i++) {
      const mutant = Uint8Array.from(bytes);
      mutant.set(random.bytes(9), envelopeBytes);
      const reason = reasonOf(b.open(mutant));
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    }
    expect(reasons.get('bad-seal')).toBeLessThanOrEqual(2 * epochsPerSecond);
    expect(reasons.get('too-many-epochs')).toBeGreaterThanOrEqual(epochsPerSecond);
    expect(b.windows).toBe(windowsMax);
  });
});

describe('a change of the ring [K7] [K10]', () => {
  const newKey = ringKeyOf(key(9), 'site', 9);

  it('takes effect with the next datagram, and who is behind is answered in its own key', async () => {
    const [ringA, ringB] = [ringWith(), ringWith()];
    const [a, b] = [node(1, ringA), node(2, ringB)];
    const [atA, atB] = [
      { address: '10.0.0.1', port: 7472 },
      { address: '10.0.0.2', port: 7472 },
    ];
    await ringA.change({ op: 'add', key: newKey });
    await ringA.change({ op: 'use', id: newKey.id, usedAt: 10 });
    expect(reasonOf(b.open(a.seal(gossipOf(1), atB), atA))).toBe('unknown-key');
    expect(reasonOf(a.open(b.seal(gossipOf(2), atA), atB))).toBe('opened');
    expect(reasonOf(b.open(a.seal(gossipOf(1), atB), atA))).toBe('opened');
    // To many it is the new key mostly, and the older one now and then.
    const toMany = new Set(Array.from({ length: 60 }, () => reasonOf(b.open(a.seal(gossipOf(1))))));
    expect(toMany).toEqual(new Set(['unknown-key', 'opened']));

    await ringB.change({ op: 'add', key: newKey });
    await ringB.change({ op: 'use', id: newKey.id, usedAt: 10 });
    await ringB.change({ op: 'remove', id: ringWith().state.inUse });
    expect(reasonOf(a.open(b.seal(gossipOf(2), atA), atB))).toBe('opened');
    expect(reasonOf(b.open(a.seal(gossipOf(1), atB), atA))).toBe('opened');
  });

  it('a key that was removed opens nothing, not even for who is known', async () => {
    const [ringA, ringB] = [ringWith(), ringWith()];
    const [a, b] = [node(1, ringA), node(2, ringB)];
    expect(b.open(a.seal(gossipOf(1))).ok).toBe(true);
    await ringB.change({ op: 'add', key: newKey });
    await ringB.change({ op: 'use', id: newKey.id, usedAt: 10 });
    await ringB.change({ op: 'remove', id: ringA.state.inUse });
    expect(reasonOf(b.open(a.seal(gossipOf(1))))).toBe('unknown-key');
    expect(b.windows).toBe(0);
  });
});
