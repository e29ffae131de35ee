// How well each system picks among four instances of which three are bad: docs/selection.md says what is measured.
// Usage: npm run bench:selection -- [seconds of each run] [rounds]. With `fogata` as third argument only the runs of Fogata.
import { fork } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import {
  type CallerResult,
  capacityPerSecond,
  instances,
  loadShare,
  type SystemName,
  systems,
} from './selection/scene.ts';

const given = process.argv.slice(2).filter((text) => !text.startsWith('--'));
const [seconds = 30, rounds = 1] = given.map(Number);
const isOwnOnly = given[2] === 'fogata';

function runOf(system: SystemName, seed: number): Promise<CallerResult> {
  const file = fileURLToPath(new URL('./selection/caller.js', import.meta.url));
  const settings = JSON.stringify({ system, forMs: seconds * 1_000, seed });
  const child = fork(file, [settings], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as CallerResult));
    child.once('exit', (code) => reject(new Error(`${system}: ended with ${code}`)));
  });
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

function lineOf(system: string, results: readonly CallerResult[], oracleMs: number): string {
  const calls = results.reduce((sum, each) => sum + each.calls, 0);
  const errors = results.reduce((sum, each) => sum + each.errors, 0);
  const p99Ms = median(results.map((each) => each.p99Ms));
  const shares = instances.map(({ name }) => {
    const count = results.reduce((sum, { attempts }) => sum + (attempts[name] ?? 0), 0);
    const all = results.reduce((sum, { attempts }) => sum + Object.values(attempts).reduce((a, b) => a + b, 0), 0);
    return `${((100 * count) / all).toFixed(1)} %`.padStart(8);
  });
  return [
    system.padEnd(22),
    String(calls).padStart(7),
    median(results.map((each) => each.p50Ms))
      .toFixed(1)
      .padStart(9),
    p99Ms.toFixed(0).padStart(9),
    (p99Ms / oracleMs).toFixed(2).padStart(9),
    `${((100 * errors) / calls).toFixed(3)} %`.padStart(10),
    ...shares,
  ].join(' ');
}

const asked = systems.filter(({ name }) => !isOwnOnly || name === 'oracle' || name.startsWith('fogata'));
const results = new Map<SystemName, CallerResult[]>();
for (let round = 0; round < rounds; round++) {
  for (const { name } of asked) {
    const result = await runOf(name, 1 + round);
    results.set(name, [...(results.get(name) ?? []), result]);
  }
}
const rate = Math.round(loadShare * capacityPerSecond());
const load = loadavg().map((each) => each.toFixed(1));
process.stdout.write(
  `${rounds} x ${seconds} s, ${rate} calls/s; ${cpus().length} cores, load average ${load.join(' ')}\n`,
);
const titles = ['', 'calls', 'p50 ms', 'p99 ms', 'x oracle', 'errors', ...instances.map(({ name }) => name)];
const widths = [22, 7, 9, 9, 9, 10, 8, 8, 8, 8];
process.stdout.write(
  `${titles.map((title, at) => (at === 0 ? title.padEnd(22) : title.padStart(widths[at] ?? 8))).join(' ')}\n`,
);
const oracleMs = median((results.get('oracle') ?? []).map((each) => each.p99Ms));
for (const { name } of asked) process.stdout.write(`${lineOf(name, results.get(name) ?? [], oracleMs)}\n`);
