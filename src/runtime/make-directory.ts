import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemErrorCode } from './system-error.ts';

/**
 * Makes a directory and those above it that are missing, each with `mode` (default: what the process grants others). Node's
 * own `recursive` never ends where the system refuses new directories as ENOENT, as in /proc.
 */
export async function makeDirectory(path: string, mode?: number): Promise<void> {
  try {
    await mkdir(path, mode);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'EEXIST') return assertDirectory(path, error);
    const parent = dirname(path);
    if (code !== 'ENOENT' || parent === path) throw error;
    await makeDirectory(parent, mode);
    await mkdir(path, mode).catch((again: unknown) => {
      if (systemErrorCode(again) !== 'EEXIST') throw again;
      return assertDirectory(path, again);
    });
  }
}

async function assertDirectory(path: string, error: unknown): Promise<void> {
  if (!(await stat(path)).isDirectory()) throw error;
}
