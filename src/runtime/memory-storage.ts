import type { Storage } from './storage.ts';
import { assertStorageKey } from './storage-key.ts';

/** Keeps values as long as the process lives: for processes without a data directory. */
export function memoryStorage(): Storage {
  const values = new Map<string, Uint8Array>();
  return {
    async read(key) {
      assertStorageKey(key);
      return values.get(key)?.slice();
    },
    async write(key, value) {
      assertStorageKey(key);
      values.set(key, value.slice());
    },
    async delete(key) {
      assertStorageKey(key);
      values.delete(key);
    },
  };
}
