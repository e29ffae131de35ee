// `npm test`: everything that can run here. Arguments after `--` go to vitest: npm test -- src/protocol
import { spawnSync } from 'node:child_process';
import { runChild } from './run-child.mjs';
import { setup } from './setup.mjs';

/** What the tests in network namespaces miss here; empty when they can run. */
function missingForNamespaces() {
  if (process.platform !== 'linux') return ['Linux'];
  const missing = ['ip', 'nft'].filter((tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0);
  if (process.getuid?.() !== 0) return ['root', ...missing];
  if (missing.length > 0) return missing;
  const probe = `fogata-probe-${process.pid}`;
  const made = spawnSync('ip', ['netns', 'add', probe]).status === 0;
  if (made) spawnSync('ip', ['netns', 'delete', probe]);
  return made ? [] : ['permission to make a network namespace'];
}

async function main() {
  const missing = missingForNamespaces();
  if (missing.length > 0 && process.env['CI'] === 'true') {
    console.error(`Tests in network namespaces cannot run here, and CI needs them. Missing: ${missing.join(', ')}.`);
    return 1;
  }
  if (!setup()) return 1;
  const projects = ['unit', 'simulation', 'processes', ...(missing.length > 0 ? [] : ['e2e'])];
  const flags = projects.flatMap((name) => ['--project', name]);
  const code = await runChild(process.execPath, [
    'node_modules/vitest/vitest.mjs',
    'run',
    ...flags,
    ...process.argv.slice(2),
  ]);
  if (missing.length > 0)
    console.log(`Left out: the tests in network namespaces. Missing here: ${missing.join(', ')}.`);
  return code;
}

process.exitCode = await main();
