// Says plainly that this Node is too old, before anything that needs a newer one is touched. Import it first.
// Written without newer syntax on purpose: an old Node must be able to read this file.
import { readFileSync } from 'node:fs';

/** @type {string} */
const needed = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).engines.node;

/**
 * @param {string} version such as `20.19.0`
 * @param {string} range only the form `>=20.19` is known
 */
export function isNewEnough(version, range) {
  const have = version.split('.').map(Number);
  const want = range.replace('>=', '').split('.').map(Number);
  for (let i = 0; i < want.length; i += 1) {
    const difference = (have[i] || 0) - (want[i] || 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

if (!isNewEnough(process.versions.node, needed)) {
  console.error('Fogata needs Node ' + needed + '; this is Node ' + process.versions.node + '.');
  console.error('Install a newer one (https://nodejs.org, or your version manager) and try again.');
  process.exit(1);
}
