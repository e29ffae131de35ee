import { open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { makeDirectory } from './make-directory.ts';
import type { Storage } from './storage.ts';
import { assertStorageKey } from './storage-key.ts';
import { systemErrorCode } from './system-error.ts';

const directoryMode = 0o700;
const fileMode = 0o600;

/**
 * Each value is a file of `directory`, which is created at the first write. Reads see whole values only: a write goes to a
 * file of its own, is synced, and takes the key's name in one step. Changes are made one after the other, in the order
 * asked for. What a power cut leaves half written bears a name that is no key and is never read.
 */
export function systemStorage(directory: string): Storage {
  let lastChange: Promise<unknown> = Promise.resolve();
  let changes = 0;

  function inOrder(change: () => Promise<void>): Promise<void> {
    const result = lastChange.then(change, change);
    lastChange = result;
    return result;
  }

  return {
    async read(key) {
      assertStorageKey(key);
      try {
        return new Uint8Array(await readFile(join(directory, key)));
      } catch (error) {
        if (systemErrorCode(error) === 'ENOENT') return undefined;
        throw error;
      }
    },
    async write(key, value) {
      assertStorageKey(key);
      changes += 1;
      const temporary = join(directory, `${key}~${processMark()}-${changes}`);
      const kept = value.slice();
      await inOrder(() => replaceFile(directory, temporary, key, kept));
    },
    async delete(key) {
      assertStorageKey(key);
      await inOrder(() => removeFile(directory, key));
    },
  };
}

/** Of this process and of none before it: in a container each has the same number, also after one that was killed while it wrote. */
function processMark(): string {
  return `${process.pid}-${Math.floor(performance.timeOrigin)}`;
}

async function replaceFile(directory: string, temporary: string, key: string, value: Uint8Array): Promise<void> {
  await makeDirectory(directory, directoryMode);
  try {
    const file = await open(temporary, 'wx', fileMode);
    try {
      await file.writeFile(value);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, join(directory, key));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncDirectory(directory);
}

async function removeFile(directory: string, key: string): Promise<void> {
  try {
    await rm(join(directory, key));
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return;
    throw error;
  }
  await syncDirectory(directory);
}

/** A rename is on the medium only when its directory is. Windows cannot open a directory and syncs renames by itself. */
async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
