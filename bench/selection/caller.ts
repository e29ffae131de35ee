// One run of one system: starts the instances, calls them in open loop, stops one now and then, tells what came of it.
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import {
  type CallerResult,
  type CallerSettings,
  capacityPerSecond,
  freezeEveryMs,
  freezeForMs,
  instances,
  loadShare,
} from './scene.ts';
import { exponential, seeded } from './seeded.ts';
import { type Call, callerOf } from './system-call.ts';
import { placesOf } from './system-places.ts';

/** Calls before these are for all to get warm. */
const warmUpMs = 5_000;
/** Until the last answers have come. */
const lateMs = 12_000;

const { system, forMs, seed } = JSON.parse(process.argv[2] ?? '{}') as CallerSettings;
const random = seeded(seed);
const children: ChildProcess[] = [];
/** What the oracle knows: in hand at each, and who stands still. */
const inHand = new Map(instances.map(({ name }) => [name, 0]));
let frozen = '';

const pause = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms));

function answerOf(child: ChildProcess): Promise<{ readonly attempts?: number }> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as { readonly attempts?: number }));
    child.once('exit', () => reject(new Error('an instance is gone')));
  });
}

/** Where it would be done first, by all that can be known now. */
function bestPlace(): string {
  let best = '';
  let least = Number.POSITIVE_INFINITY;
  for (const { name, workers, meanMs, fails } of instances) {
    if (fails || name === frozen) continue;
    const ahead = Math.max(0, (inHand.get(name) ?? 0) - workers + 1);
    const costMs = meanMs + (ahead * meanMs) / workers;
    if (costMs >= least) continue;
    best = name;
    least = costMs;
  }
  return best;
}

async function freezeNowAndThen(isOver: () => boolean): Promise<void> {
  const at = instances.findIndex(({ freezes }) => freezes);
  const child = children[at];
  await pause(freezeEveryMs / 2);
  while (!isOver()) {
    frozen = instances[at]?.name ?? '';
    child?.kill('SIGSTOP');
    await pause(freezeForMs);
    child?.kill('SIGCONT');
    frozen = '';
    await pause(freezeEveryMs - freezeForMs);
  }
}

/** A Poisson process of calls; a late timer makes the calls that were due, and their latency counts from when they were. */
async function callInOpenLoop(call: Call): Promise<{ latencies: number[]; errors: number }> {
  const latencies: number[] = [];
  const pending = new Set<Promise<void>>();
  let errors = 0;
  const startedAt = performance.now();
  const meanMs = 1_000 / (loadShare * capacityPerSecond());
  let dueAt = startedAt;
  let isOver = false;
  const freezing = freezeNowAndThen(() => isOver);
  const one = async (due: number): Promise<void> => {
    const place = bestPlace();
    inHand.set(place, (inHand.get(place) ?? 0) + 1);
    const ok = await call(place);
    inHand.set(place, (inHand.get(place) ?? 0) - 1);
    if (due < startedAt + warmUpMs) return;
    latencies.push(performance.now() - due);
    if (!ok) errors += 1;
  };
  while (dueAt < startedAt + warmUpMs + forMs) {
    const now = performance.now();
    while (dueAt <= now) {
      const done = one(dueAt).finally(() => pending.delete(done));
      pending.add(done);
      dueAt += exponential(random, meanMs);
    }
    await pause(Math.max(0, dueAt - now));
  }
  isOver = true;
  await Promise.race([Promise.all(pending), pause(lateMs)]);
  for (let left = pending.size; left > 0; left--) {
    latencies.push(lateMs);
    errors += 1;
  }
  await freezing;
  return { latencies, errors };
}

async function run(): Promise<CallerResult> {
  const places = await placesOf(system);
  const file = fileURLToPath(new URL('./instance.js', import.meta.url));
  for (const [index, spec] of instances.entries()) {
    const child = fork(file, [JSON.stringify({ spec, places, index, seed })], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    children.push(child);
  }
  const ready = Promise.all(children.map(answerOf));
  const call = await callerOf(system, places);
  await ready;
  const { latencies, errors } = await callInOpenLoop(call);
  latencies.sort((a, b) => a - b);
  const attempts: Record<string, number> = {};
  for (const [at, child] of children.entries()) {
    const told = answerOf(child);
    child.send({});
    attempts[instances[at]?.name ?? ''] = (await told).attempts ?? 0;
  }
  const quantile = (share: number) =>
    latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0;
  const p50Ms = quantile(0.5);
  return { calls: latencies.length, errors, p50Ms, p99Ms: quantile(0.99), maxMs: quantile(1), attempts };
}

try {
  const result = await run();
  process.send?.(result, () => process.exit(0));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
} finally {
  for (const child of children) child.kill('SIGKILL');
}
