// npm leaves optional platform packages out of a lockfile (npm/cli #9846), and `npm ci` then refuses it elsewhere.
// This adds them. Run it after every `npm install`. Usage: node scripts/complete-lockfile.mjs [--check] [file]
import { readFileSync, writeFileSync } from 'node:fs';

/**
 * @typedef {{version?: string, resolved?: string, dev?: boolean, optional?: boolean, cpu?: string[], os?: string[],
 *   optionalDependencies?: Record<string, string>}} Entry
 */

const args = process.argv.slice(2);
const file = args.find((argument) => !argument.startsWith('--')) ?? 'package-lock.json';
const lock = JSON.parse(readFileSync(file, 'utf8'));
/** @type {Record<string, Entry>} */
const packages = lock.packages;

const osNames = /(android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|aix|win32|windows)/;
const cpuNames = /(arm64|x64|ia32|arm|riscv64|s390x|ppc64|loong64|mips64el|wasm32)/;

/**
 * The places where Node would look for `dependency` when required from the package at `path`.
 * @param {string} path
 * @param {string} dependency
 */
function lookupPaths(path, dependency) {
  const places = [`${path}/node_modules/${dependency}`];
  for (let cut = path.lastIndexOf('/node_modules/'); cut >= 0; cut = path.lastIndexOf('/node_modules/', cut - 1)) {
    places.push(`${path.slice(0, cut)}/node_modules/${dependency}`);
  }
  return [...places, `node_modules/${dependency}`];
}

/**
 * @param {string} name
 * @param {string} version
 * @param {Entry} parent
 * @returns {Entry}
 */
function platformEntry(name, version, parent) {
  const os = osNames.exec(name)?.[1]?.replace('windows', 'win32');
  const cpu = cpuNames.exec(name)?.[1];
  return {
    version,
    ...(cpu && { cpu: [cpu] }),
    ...(parent.dev && { dev: true }),
    optional: true,
    ...(os && { os: [os] }),
  };
}

/** @type {Record<string, Entry>} */
const added = {};
for (const [path, entry] of Object.entries(packages)) {
  if (path === '') continue;
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const isExact = /^\d/.test(version);
    if (!isExact || lookupPaths(path, name).some((place) => packages[place] ?? added[place])) continue;
    added[`node_modules/${name}`] = platformEntry(name, version, entry);
  }
}

const missing = Object.keys(added).length;
const hosts = Object.entries(packages).filter(([, entry]) => entry.resolved !== undefined);

if (args.includes('--check')) {
  if (missing > 0) console.error(`${file} lacks ${missing} optional packages: run node scripts/complete-lockfile.mjs`);
  for (const [path] of hosts) console.error(`${file} names a registry for ${path}: remove it and run npm install`);
  process.exitCode = missing + hosts.length > 0 ? 1 : 0;
} else if (missing > 0) {
  const { '': top, ...rest } = { ...packages, ...added };
  const sorted = Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1));
  lock.packages = { '': top, ...Object.fromEntries(sorted) };
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`added ${missing} optional packages to ${file}`);
}
