/**
 * How soon a cluster is whole, when all its nodes begin at once and know no address, or one: `npx tsx
 * bench/formation.bench.ts [N ...] [--runs K] [--json FILE]`. Needs root, iproute2, nftables, and `npm run build`.
 *
 * Each node is a process in a network namespace of its own that has loaded the library and waits; the time runs from the
 * word to begin, which all get at once, until the last of them has told of every other. All share this machine's
 * processors, so with many nodes much of it is their waiting for a processor: the processor time that each spent says more
 * of what forming costs, and is nearly the same where something else is running.
 */
import { writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Child } from '../test/e2e/lab/child.ts';
import { type Host, openLab } from '../test/e2e/lab/lab.ts';
import { cpuMs } from './formation/cpu-ms.ts';
import { quantile } from './formation/quantile.ts';
import { optionsOf } from './harness/options.ts';

const { values, positionals } = optionsOf('npx tsx bench/formation.bench.ts [N ...] [--runs K] [--json FILE]', {
  allowPositionals: true,
  options: { runs: { type: 'string', default: '20' }, json: { type: 'string' } },
});
const runs = Number(values.runs);
const counts = positionals.length > 0 ? positionals.map(Number) : [3, 10, 32];
const program = fileURLToPath(new URL('formation/formation-node.mjs', import.meta.url));
const giveUpMs = 30_000;

type Way = 'multicast' | 'one seed';

/** With one seed only, nothing that goes to a group or to the whole subnet gets out. */
const noGroups = [
  'add table ip formation',
  'add chain ip formation out { type filter hook output priority 0; }',
  'add rule ip formation out ip daddr 224.0.0.0/4 drop',
  'add rule ip formation out ip daddr { 255.255.255.255, 10.77.0.255 } drop',
  '',
].join('\n');

function isWhole(children: readonly Child[]): boolean {
  return children.every(({ stdout }) => stdout.includes('whole'));
}

/** Both in milliseconds; the second is one node's mean. */
interface Run {
  readonly ms: number;
  readonly cpuMs: number;
}

async function formed(hosts: readonly Host[], way: Way): Promise<Run> {
  const seed = way === 'one seed' ? (hosts[0] as Host).address : undefined;
  const children = hosts.map((host, i) => {
    const seeds = seed === undefined || i === 0 ? [] : [seed];
    return host.start('node', [program, `n${i + 1}`, `${hosts.length}`, ...seeds]);
  });
  await Promise.all(children.map((child) => child.says(/loaded/, 60_000)));
  await pause(200);
  const spent = () => children.reduce((sum, { pid }) => sum + cpuMs(pid), 0);
  const [from, spentBefore] = [performance.now(), spent()];
  for (const child of children) child.tell('go');
  while (!isWhole(children) && performance.now() - from < giveUpMs) await pause(2);
  const ms = isWhole(children) ? performance.now() - from : Number.POSITIVE_INFINITY;
  const run = { ms, cpuMs: (spent() - spentBefore) / children.length };
  await Promise.all(children.map((child) => child.kill()));
  return run;
}

interface Result {
  readonly count: number;
  readonly way: Way;
  readonly ms: readonly number[];
  readonly cpuMs: readonly number[];
}

async function measure(hosts: readonly Host[], way: Way): Promise<Result> {
  const all: Run[] = [];
  for (let run = 0; run < runs; run++) {
    const one = await formed(hosts, way);
    all.push(one);
    const cpu = `${Math.round(one.cpuMs)} ms of processor time each`;
    process.stderr.write(`  n=${hosts.length} ${way}: ${Math.round(one.ms)} ms, ${cpu}\n`);
  }
  return { count: hosts.length, way, ms: all.map(({ ms }) => ms), cpuMs: all.map((one) => one.cpuMs) };
}

const results: Result[] = [];
for (const count of counts) {
  const lab = openLab();
  try {
    const hosts = Array.from({ length: count }, () => lab.addHost({ addresses: 'ipv4' }));
    results.push(await measure(hosts, 'multicast'));
    for (const host of hosts) host.run('nft', ['-f', '-'], noGroups);
    results.push(await measure(hosts, 'one seed'));
  } finally {
    await lab.close();
  }
}
process.stdout.write(`${runs} runs each, ms from the word to begin until every node has told of every other\n`);
for (const { count, way, ms, cpuMs: cpu } of results) {
  const [median, worst, each] = [quantile(ms, 0.5), quantile(ms, 1), quantile(cpu, 0.5)].map(Math.round);
  process.stdout.write(
    `${count} nodes, ${way}: median ${median}, worst ${worst}; processor time each: median ${each}\n`,
  );
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, undefined, 2)}\n`);
