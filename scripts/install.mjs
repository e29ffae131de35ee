// Keeps node_modules equal to package-lock.json: of the project, or of another package within it, as bench/peers.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './run-child.mjs';

/** @param {string} folder */
const lockfileOf = (folder) => join(folder, 'package-lock.json');
/** @param {string} folder */
const installedOf = (folder) => join(folder, 'node_modules', '.package-lock.json');
/** @param {string} folder */
const stampOf = (folder) => join(folder, 'node_modules', '.installed-from');

/** @typedef {{version?: string, integrity?: string, optional?: boolean, devOptional?: boolean}} Entry */

/**
 * @param {string} file
 * @returns {Record<string, Entry>}
 */
function packagesOf(file) {
  const { '': _root, ...packages } = JSON.parse(readFileSync(file, 'utf8')).packages;
  return packages;
}

/** @param {string} folder */
function lockHash(folder) {
  return createHash('sha256')
    .update(readFileSync(lockfileOf(folder)))
    .digest('hex');
}

/**
 * After `npm install` there is no stamp, but npm has left its own list of what it put there: no need to do it again.
 * @param {string} folder
 */
function matchesLockfile(folder) {
  const wanted = packagesOf(lockfileOf(folder));
  const present = packagesOf(installedOf(folder));
  return (
    Object.keys(present).every((path) => path in wanted) &&
    Object.entries(wanted).every(([path, entry]) => {
      const there = present[path];
      return there ? there.version === entry.version : entry.optional === true || entry.devOptional === true;
    })
  );
}

export function isInstalled(folder = root) {
  if (!existsSync(installedOf(folder))) return false;
  const stamp = stampOf(folder);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lockHash(folder)) return true;
  if (!matchesLockfile(folder)) return false;
  writeFileSync(stamp, lockHash(folder));
  return true;
}

/** Returns whether it succeeded; what went wrong has been printed. */
export function install(folder = root) {
  const npm = process.env['npm_execpath'];
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  /** @type {import('node:child_process').SpawnSyncOptionsWithStringEncoding} */
  const options = { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] };
  const result = npm ? spawnSync(process.execPath, [npm, ...args], options) : spawnSync('npm', args, options);
  if (result.status === 0) {
    writeFileSync(stampOf(folder), lockHash(folder));
    return true;
  }
  console.error(`${result.error?.message ?? ''}${result.stdout ?? ''}${result.stderr ?? ''}`.trimEnd());
  console.error(
    [
      '',
      'npm ci failed, so the dependencies are not there. What helps, by what is printed above:',
      '  no network or registry   check the connection, or point npm at a mirror: npm config set registry <url>',
      '  "Missing ... from lock"  node scripts/complete-lockfile.mjs, then try again',
      '  "not in sync"            npm install && node scripts/complete-lockfile.mjs, and commit package-lock.json',
      '  EACCES                   node_modules belongs to another user: remove it and try again',
    ].join('\n'),
  );
  return false;
}
