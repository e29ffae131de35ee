import { link, open, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { systemErrorCode } from '../runtime/system-error.ts';
import { numberedName } from './file-name.ts';

/** File systems without hard links say so in one of these ways. */
const noLinks: ReadonlySet<string | undefined> = new Set([
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EMLINK',
  'EACCES',
]);

/**
 * Gives a complete file its name in the directory, so that it is there whole or not at all, also after a power cut. Without
 * `overwrite` the next free name is taken. Returns the name.
 */
export async function placeFile(
  partialPath: string,
  directory: string,
  name: string,
  overwrite: boolean,
): Promise<string> {
  const placed = overwrite ? name : await nextFree(partialPath, directory, name);
  if (overwrite) await rename(partialPath, join(directory, name));
  await syncDirectory(directory);
  return placed;
}

async function nextFree(partialPath: string, directory: string, name: string): Promise<string> {
  for (let number = 0; ; number++) {
    const candidate = numberedName(name, number);
    if (await take(partialPath, join(directory, candidate))) return candidate;
  }
}

/** False when the name is taken. */
async function take(partialPath: string, path: string): Promise<boolean> {
  try {
    await link(partialPath, path);
    await unlink(partialPath);
    return true;
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'EEXIST') return false;
    if (!noLinks.has(code)) throw error;
  }
  try {
    // The name is reserved by an empty file, which the rename replaces.
    await (await open(path, 'wx')).close();
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw error;
  }
  await rename(partialPath, path);
  return true;
}

async function syncDirectory(directory: string): Promise<void> {
  try {
    const handle = await open(directory, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch {
    // Not every system can; then the name is as safe as it makes it.
  }
}
