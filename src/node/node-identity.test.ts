import { describe, expect, it } from 'vitest';
import type { NodeId } from '../protocol/ids.ts';
import { memoryStorage } from '../runtime/memory-storage.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Storage } from '../runtime/storage.ts';
import { createWorld } from '../testing/world.ts';
import { loadIdentity } from './node-identity.ts';

function bed(storage: Storage = memoryStorage(), wallTime = 1_000) {
  const warnings: string[] = [];
  const { runtime } = createWorld().host('h').start();
  const log = { ...runtime.log, warn: (message: string) => void warnings.push(message) };
  const clock = { ...runtime.clock, wallTime: () => wallTime };
  const given: Runtime = { ...runtime, clock, storage, log };
  return { storage, warnings, load: (id?: NodeId) => loadIdentity(given, id) };
}

const stored = (text: string) => {
  const storage = memoryStorage();
  return storage.write('identity', new TextEncoder().encode(text)).then(() => storage);
};

describe('the identity of a node', () => {
  it('[M2] stays the same over restarts, its incarnation grows, also when the clock goes back', async () => {
    const first = bed();
    const before = await first.load();
    expect(before.incarnation).toBe(1_000);
    // The clock was set back: above all that the first run may have raised itself to.
    const again = await bed(first.storage, 500).load();
    expect(again).toEqual({ id: before.id, incarnation: 1_000 + 2 ** 20 });
    expect(await bed(first.storage, 5e9).load()).toEqual({ id: before.id, incarnation: 5e9 });
    expect(first.warnings).toEqual([]);
  });

  it('a fixed id wins over the stored one, and begins anew', async () => {
    const first = bed(undefined, 9_000);
    await first.load();
    const id = '00000000000000aa' as NodeId;
    expect(await bed(first.storage, 10).load(id)).toEqual({ id, incarnation: 10 });
  });

  it.each([
    '',
    'null',
    '[]',
    '{"id":"00000000000000aa"}',
    '{"id":"0000000000000000","incarnation":1}',
    '{"id":"xyz","incarnation":1}',
    '{"id":"00000000000000aa","incarnation":1.5}',
    '{"id":"00000000000000aa","incarnation":9007199254740991}',
    '{"id":"00000000000000aa","incarnation":"1"}',
    '\u0000\u0001',
  ])('garbage %j is replaced', async (text) => {
    const { warnings, load } = bed(await stored(text));
    const identity = await load();
    expect(identity.id).not.toBe('00000000000000aa');
    expect([identity.incarnation, warnings.length]).toEqual([1_000, 1]);
  });

  it('a store that fails costs the memory only', async () => {
    const fail = () => Promise.reject(new Error('disk'));
    const { warnings, load } = bed({ read: fail, write: fail, delete: fail });
    expect((await load()).incarnation).toBe(1_000);
    expect(warnings).toHaveLength(2);
    expect(warnings[1]).toMatch(/another id/);
  });

  it('is the same after a start that could not be stored', async () => {
    const { storage, load } = bed();
    const { id } = await load();
    const full = bed({ ...storage, write: () => Promise.reject(new Error('disk')) });
    expect((await full.load()).id).toBe(id);
    expect(full.warnings).toEqual([expect.not.stringMatching(/another id/)]);
  });
});
