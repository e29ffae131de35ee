import { posix } from 'node:path';
import type { SourceFile } from './source-file.ts';

/**
 * Which folder may know which: only one of a lower level. See docs/architecture.md. The contract stands half a level
 * below the node, because `join()` gives what it describes.
 */
export const levels: Readonly<Record<string, number>> = {
  protocol: 0,
  membership: 1,
  directory: 1,
  selection: 1,
  routing: 1,
  links: 2,
  delivery: 2,
  discovery: 2,
  trust: 2,
  api: 2.5,
  node: 3,
  agent: 4,
  client: 4,
  files: 4,
  gateways: 5,
  dashboard: 5,
  cli: 5,
};

/** `src/links/tcp/x.ts` is in `links`, `src/index.ts` in `` (the root), a file outside src in none. */
export function folderOf(path: string): string | undefined {
  const parts = path.split('/');
  if (parts[0] !== 'src') return undefined;
  return parts.length > 2 ? parts[1] : '';
}

export const isTest = (path: string) => /\.test\.tsx?$/.test(path);

/** In src and shipped. */
export const isShipped = (file: SourceFile) => folderOf(file.path) !== undefined && !isTest(file.path);

export const isPure = (file: SourceFile) => isShipped(file) && (levels[folderOf(file.path) ?? ''] ?? 9) <= 1;

/** The file that a relative import means, from the root of the repository; undefined for a package or `node:`. */
export function targetOf(file: SourceFile, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  return posix.join(posix.dirname(file.path), specifier);
}
