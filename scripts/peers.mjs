// What Fogata is measured beside (bench/peers): fetched when it is asked for, never with the project's own dependencies.
// Usage: node scripts/peers.mjs. Also fetches the `nats-server` of Debian where this may be done (root, apt-get).
import './node-version.mjs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install, isInstalled } from './install.mjs';
import { root } from './run-child.mjs';

const folder = join(root, 'bench', 'peers');

function hasNatsServer() {
  return spawnSync('nats-server', ['--version'], { stdio: 'ignore' }).status === 0;
}

function installNatsServer() {
  if (process.getuid?.() !== 0) return false;
  console.error('Installing nats-server (apt-get install) …');
  /** @type {import('node:child_process').SpawnSyncOptions} */
  const options = {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  };
  return spawnSync('apt-get', ['install', '-y', '--no-install-recommends', 'nats-server'], options).status === 0;
}

/** Returns the systems that cannot be measured here; why has been printed. */
export function setupPeers() {
  const lacking = [];
  if (!isInstalled(folder)) {
    console.error('Installing the systems to compare with (npm ci in bench/peers) …');
    if (!install(folder)) lacking.push('nats', 'moleculer', 'cote', 'zeromq');
  }
  if (!hasNatsServer() && !installNatsServer()) {
    console.error('There is no nats-server, so NATS is left out: apt-get install nats-server (Debian), or nats.io.');
    lacking.push('nats');
  }
  return lacking;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = setupPeers().length > 0 ? 1 : 0;
