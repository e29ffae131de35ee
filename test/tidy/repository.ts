import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type SourceFile, sourceFile } from './source-file.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What is committed or would be by `git add`, that is, all but what .gitignore names. */
export function repositoryFiles(): string[] {
  // A checkout may belong to another user than the one who tests it, which git otherwise refuses to look at.
  const args = ['-c', 'safe.directory=*', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const listed = execFileSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 }).split('\0');
  return listed.filter((path) => path !== '' && existsSync(join(root, path))).sort();
}

export const readText = (path: string) => readFileSync(join(root, path), 'utf8');

/** A NUL in the first kilobytes: an image, a capture, a store. */
export const isText = (path: string) => !readFileSync(join(root, path)).subarray(0, 8000).includes(0);

export const isSource = (path: string) => /\.(?:tsx?|mjs)$/.test(path);

export const readSource = (path: string): SourceFile => sourceFile(path, readText(path));
