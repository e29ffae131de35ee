// Compiles src into dist. The new dist takes the place of the old one only once it is whole, so that a failed build
// leaves the last good one, and nothing of a deleted source file stays behind.
import './node-version.mjs';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './run-child.mjs';
import { sourceHash } from './source-hash.mjs';

const dist = join(root, 'dist');
const next = join(root, 'dist.next');
const stamp = join(root, '.cache', 'built-from');
const executable = join('cli', 'main.js');

export function isBuilt() {
  return existsSync(join(dist, executable)) && existsSync(stamp) && readFileSync(stamp, 'utf8') === sourceHash(root);
}

/** Returns whether it succeeded; what went wrong has been printed. */
export function build() {
  const builtFrom = sourceHash(root);
  rmSync(next, { recursive: true, force: true });
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const compiled = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', next], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (compiled.status !== 0) {
    console.error('The build failed: src does not compile (see above). dist is as it was before.');
    return false;
  }
  const main = join(next, executable);
  if (!readFileSync(main, 'utf8').startsWith('#!')) {
    console.error('The build failed: src/cli/main.ts must begin with "#!/usr/bin/env node".');
    return false;
  }
  chmodSync(main, 0o755);
  rmSync(dist, { recursive: true, force: true });
  renameSync(next, dist);
  mkdirSync(join(root, '.cache'), { recursive: true });
  writeFileSync(stamp, builtFrom);
  return true;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = build() ? 0 : 1;
