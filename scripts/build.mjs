// Compiles src into dist. The new dist takes the place of the old one only once it is whole, so that a failed build
// leaves the last good one, and nothing of a deleted source file stays behind.
//
// What programs load is then put together into few files without comments. A module of its own for each of some three
// hundred files costs a process 9 MB of memory at first and a fifth of the processor time until a node knows the others (ADR 20).
import './node-version.mjs';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './run-child.mjs';
import { sourceHash } from './source-hash.mjs';

const dist = join(root, 'dist');
const next = join(root, 'dist.next');
const stamp = join(root, '.cache', 'built-from');
const executable = join('cli', 'main.js');

/**
 * What is loaded or started by its name. Those that one process may load stand together, so that of what they have in common
 * there is one: an error of one is an error of the other.
 */
const library = ['index.js', 'testing/index.js', 'testing/simulate.js'];
const demo = ['run-demo', 'keeper', 'erp-program', 'http-program'].map((name) => `cli/demo/${name}.js`);
const command = ['cli/main.js', ...demo];

export function isBuilt() {
  return existsSync(join(dist, executable)) && existsSync(stamp) && readFileSync(stamp, 'utf8') === sourceHash(root);
}

/** Puts each entry in the place of the module of its name. Names of functions stay, and so do the maps to the sources. */
function bundle() {
  // Only here: before the install it is not there, and this file is loaded all the same.
  const { buildSync } = /** @type {typeof import('esbuild')} */ (createRequire(import.meta.url)('esbuild'));
  for (const entryPoints of [library, command]) {
    buildSync({
      absWorkingDir: next,
      entryPoints,
      outdir: next,
      outbase: next,
      allowOverwrite: true,
      bundle: true,
      splitting: true,
      chunkNames: 'parts/[hash]',
      format: 'esm',
      platform: 'node',
      target: 'node20.19',
      packages: 'external',
      minifyWhitespace: true,
      minifySyntax: true,
      sourcemap: true,
      logLevel: 'warning',
    });
  }
}

/** The modules that are in the bundles now; their types stay. */
function removeModules() {
  const kept = new Set([...library, ...command].flatMap((entry) => [entry, `${entry}.map`]));
  for (const file of readdirSync(next, { recursive: true, encoding: 'utf8' })) {
    const path = file.split(sep).join('/');
    if (/\.js(\.map)?$/.test(path) && !path.startsWith('parts/') && !kept.has(path)) rmSync(join(next, file));
  }
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
  bundle();
  removeModules();
  chmodSync(main, 0o755);
  rmSync(dist, { recursive: true, force: true });
  renameSync(next, dist);
  mkdirSync(join(root, '.cache'), { recursive: true });
  writeFileSync(stamp, builtFrom);
  return true;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = build() ? 0 : 1;
