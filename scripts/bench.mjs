// `npm run bench`: Fogata beside raw sockets and its peers. Options: npm run bench -- --help, docs/benchmarks.md.
import './node-version.mjs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setupPeers } from './peers.mjs';
import { root, runChild } from './run-child.mjs';
import { setup } from './setup.mjs';

const [entry = 'run', ...args] = process.argv.slice(2);

/** Systems that find each other by multicast must not find others of this network, nor be hindered by its firewall. */
const ownNetwork = 'ip link set lo up multicast on && ip route add 224.0.0.0/4 dev lo && exec "$@"';

function emit() {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  return spawnSync(process.execPath, [tsc, '-p', 'bench/tsconfig.json'], { cwd: root, stdio: 'inherit' }).status === 0;
}

function canUnshare() {
  const tried = spawnSync('unshare', ['--net', 'sh', '-c', ownNetwork, 'sh', 'true'], { stdio: 'ignore' });
  return process.getuid?.() === 0 && tried.status === 0;
}

async function bench() {
  if (!setup() || !emit()) return 1;
  const lacking = args.includes('--help') ? [] : setupPeers();
  const own = [process.execPath, join(root, '.cache/bench', `${entry}.js`), ...args];
  if (lacking.length > 0) own.push('--lacking', lacking.join(','));
  if (canUnshare()) {
    console.log('In a network namespace of its own.');
    return runChild('unshare', ['--net', 'sh', '-c', ownNetwork, 'sh', ...own]);
  }
  console.log("On this host's loopback (as root it would be a network namespace of its own).");
  return runChild(own[0] ?? 'node', own.slice(1));
}

process.exitCode = await bench();
