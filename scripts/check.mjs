// Static checks. Usage: node scripts/check.mjs [--list | name …]; without a name, all of them, none hiding another.
import { runChild } from './run-child.mjs';
import { setup } from './setup.mjs';

/** @type {Record<string, {cure: string, command: readonly string[]}>} */
const checks = {
  format: { cure: 'npm run format', command: ['node_modules/@biomejs/biome/bin/biome', 'ci'] },
  lint: { cure: 'npx oxlint --fix mends a part of it', command: ['node_modules/oxlint/bin/oxlint'] },
  types: { cure: 'see the errors above', command: ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'] },
  unused: {
    cure: 'delete what nothing uses, or drop its `export`',
    command: ['node_modules/knip/bin/knip.js', '--no-progress'],
  },
  package: {
    cure: 'package.json must fit what dist holds',
    command: ['node_modules/publint/src/cli.js', 'run', '--strict'],
  },
  'package-types': {
    cure: 'the exports of package.json must resolve to types',
    command: ['node_modules/@arethetypeswrong/cli/dist/index.js', '--pack', '.', '--profile', 'esm-only'],
  },
  lockfile: {
    cure: 'node scripts/complete-lockfile.mjs, and commit package-lock.json',
    command: ['scripts/complete-lockfile.mjs', '--check'],
  },
  'peers-lockfile': {
    cure: 'node scripts/complete-lockfile.mjs bench/peers/package-lock.json, and commit it',
    command: ['scripts/complete-lockfile.mjs', '--check', 'bench/peers/package-lock.json'],
  },
};

/** @param {readonly string[]} names */
async function run(names) {
  const unknown = names.filter((name) => !(name in checks));
  if (unknown.length > 0) {
    console.error(`No such check: ${unknown.join(', ')}. There are: ${Object.keys(checks).join(', ')}.`);
    return 2;
  }
  if (!setup()) return 1;
  const failed = [];
  for (const name of names) {
    const check = checks[name];
    if (check && (await runChild(process.execPath, check.command)) !== 0) failed.push(`${name} (${check.cure})`);
  }
  if (failed.length > 0) console.error(`Failed: ${failed.join('; ')}.`);
  return failed.length > 0 ? 1 : 0;
}

const args = process.argv.slice(2);
if (args.includes('--list')) console.log(Object.keys(checks).join('\n'));
else process.exitCode = await run(args.length > 0 ? args : Object.keys(checks));
