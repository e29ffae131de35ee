import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type SourceFile, sourceFile } from './source-file.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Without git, as in an unpacked archive: everything but what is made here. */
function filesOnDisk(): string[] {
  const made = ['node_modules', 'dist', 'dist.next', 'coverage', '.cache', '.git', '.fogata'];
  const top = readdirSync(root).filter((name) => !made.includes(name));
  return top.flatMap((name) => {
    if (statSync(join(root, name)).isFile()) return [name];
    const entries = readdirSync(join(root, name), { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'));
    return files.map((entry) => relative(root, join(entry.parentPath, entry.name)));
  });
}

/** What is committed or would be by `git add`, that is, all but what .gitignore names. */
export function repositoryFiles(): string[] {
  // A checkout may belong to another user than the one who tests it, which git otherwise refuses to look at.
  const args = ['-c', 'safe.directory=*', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const listed = spawnSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 });
  const paths = listed.status === 0 ? listed.stdout.split('\0') : filesOnDisk();
  const isFile = (path: string) => statSync(join(root, path), { throwIfNoEntry: false })?.isFile() === true;
  return paths.filter((path) => path !== '' && isFile(path)).sort();
}

export const readText = (path: string) => readFileSync(join(root, path), 'utf8');

/** A NUL in the first kilobytes: an image, a capture, a store. */
export const isText = (path: string) => !readFileSync(join(root, path)).subarray(0, 8000).includes(0);

export const isSource = (path: string) => /\.(?:tsx?|mjs)$/.test(path);

export const readSource = (path: string): SourceFile => sourceFile(path, readText(path));
