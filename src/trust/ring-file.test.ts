import { expect, it } from 'vitest';
import { memoryStorage } from '../runtime/memory-storage.ts';
import { systemError } from '../runtime/system-error.ts';
import { loadRing, storeRing } from './ring-file.ts';
import { newRing } from './ring-state.ts';

const ring = newRing('site', new Uint8Array(32).fill(7), 1_000);

it('a ring is read as it was stored', async () => {
  const storage = memoryStorage();
  await storeRing(storage, ring);
  expect(await loadRing(storage)).toEqual(ring);
});

it('a ring that cannot be stored is refused in words for people', async () => {
  const full = () => Promise.reject(systemError('ENOSPC', 'no space left on device, write'));
  await expect(storeRing({ ...memoryStorage(), write: full }, ring)).rejects.toMatchObject({
    code: 'storage',
    message: 'the key ring cannot be stored: the disk is full',
  });
});
