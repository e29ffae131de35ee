import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRing, encodeRing } from './ring-file.ts';
import { changeRing, newRing, type RingChange, type RingState, ringKeyOf, ringKeysMax } from './ring-state.ts';

const key = (number: number, cluster = 'site') => ringKeyOf(new Uint8Array(32).fill(number), cluster, number);

function changed(state: RingState, change: RingChange): RingState {
  const result = changeRing(state, change);
  if (!result.ok) throw new Error(result.reason);
  return result.state;
}

describe('changeRing [K7]', () => {
  const first = newRing('site', new Uint8Array(32).fill(1), 1);

  it('adds, uses and removes; a second time changes nothing', () => {
    const added = changed(first, { op: 'add', key: key(2) });
    expect(changed(added, { op: 'add', key: key(2) })).toBe(added);
    const used = changed(added, { op: 'use', id: key(2).id, usedAt: 5 });
    expect(changed(used, { op: 'use', id: key(2).id, usedAt: 5 })).toBe(used);
    const removed = changed(used, { op: 'remove', id: key(1).id });
    expect(removed.keys.map(({ id }) => id)).toEqual([key(2).id]);
    expect(changed(removed, { op: 'remove', id: key(1).id })).toBe(removed);
  });

  it('refuses to remove the key in use, to use one that is not there, and to go back to an earlier use', () => {
    expect(changeRing(first, { op: 'remove', id: key(1).id })).toMatchObject({ ok: false });
    expect(changeRing(first, { op: 'use', id: key(2).id, usedAt: 5 })).toMatchObject({ ok: false });
    const added = changed(first, { op: 'add', key: key(2) });
    expect(changeRing(added, { op: 'use', id: key(2).id, usedAt: 0 })).toMatchObject({ ok: false });
  });

  it('holds up to 8 keys', () => {
    let state = first;
    for (let number = 2; number <= ringKeysMax; number++) state = changed(state, { op: 'add', key: key(number) });
    expect(changeRing(state, { op: 'add', key: key(9) })).toMatchObject({ ok: false });
    expect(changed(state, { op: 'add', key: key(8) })).toBe(state);
  });

  it('always has its key in use, whatever is asked of it', () => {
    const change = fc.oneof(
      fc.record({ op: fc.constant('add' as const), key: fc.integer({ min: 1, max: 12 }).map((number) => key(number)) }),
      fc.record({
        op: fc.constant('use' as const),
        id: fc.integer({ min: 1, max: 12 }).map((number) => key(number).id),
        usedAt: fc.integer({ min: 0, max: 20 }),
      }),
      fc.record({ op: fc.constant('remove' as const), id: fc.integer({ min: 1, max: 12 }).map((n) => key(n).id) }),
    );
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
        let state = first;
        for (const each of changes) {
          const result = changeRing(state, each);
          if (result.ok) state = result.state;
          expect(state.keys.length).toBeLessThanOrEqual(ringKeysMax);
          expect(state.keys.some(({ id }) => id === state.inUse)).toBe(true);
        }
        expect(decodeRing(encodeRing(state))).toEqual(state);
      }),
    );
  });
});

describe('the id of a key [K2]', () => {
  it('differs by key and by cluster', () => {
    expect(new Set([key(1).id, key(2).id, key(1, 'other').id]).size).toBe(3);
  });
});

describe('decodeRing', () => {
  it('takes no text that is no ring', () => {
    const text = encodeRing(newRing('site', new Uint8Array(32), 1));
    expect(decodeRing(text)).toBeDefined();
    for (const bad of ['', '{}', '[]', 'null', text.slice(0, -8), text.replace('"site"', '"Not A Name"')]) {
      expect(decodeRing(bad)).toBeUndefined();
    }
    expect(decodeRing(text.replace(/"inUse": "[0-9a-f]+"/, '"inUse": "0000000000000000"'))).toBeUndefined();
    fc.assert(
      fc.property(fc.json(), (json) => {
        expect(decodeRing(json)).toBeUndefined();
      }),
    );
  });
});
