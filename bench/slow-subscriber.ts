/**
 * Four subscribers on four agents under all the load that a publisher on a fifth can give; one of them stops reading (SIGSTOP)
 * for a while, and reads again. What the others get meanwhile, and what it costs the agents in memory.
 * `npm run bench:slow [-- --stop SECONDS] [--json]`; Linux.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { quantile } from './harness/measure.ts';
import { mib, residentBytes } from './harness/memory.ts';
import { optionsOf } from './harness/options.ts';
import type { Program } from './harness/program.ts';
import { openStage } from './harness/stage.ts';
import { clusterOf, startAgent } from './harness/start-agent.ts';

const { values } = optionsOf('npm run bench:slow [-- --stop SECONDS] [--json]', {
  options: {
    stop: { type: 'string', default: '60' },
    json: { type: 'boolean', default: false },
    lacking: { type: 'string' },
  },
});

const stopSeconds = Number(values.stop);
/** Before, so that the code is compiled and there is something to compare with; and afterwards. */
const calmSeconds = 10;
const subscriberCount = 4;
/** More than the one that stops takes (1,024 by default): it must not keep the publisher from going on. */
const depth = 2_048;
const fastInFlightMax = 4 * depth;

const say = (line: string) => void process.stdout.write(`${line}\n`);

interface Phase {
  /** Messages a second of one subscriber that reads: median of the seconds. */
  readonly rate: number;
  readonly agentBytesMost: number;
}

/** Looks once a second. */
async function phase(fast: readonly Program[], agentPids: readonly number[], seconds: number): Promise<Phase> {
  const rates: number[] = [];
  let agentBytesMost = 0;
  const counts = () => Promise.all(fast.map((program) => program.counted()));
  let before = await counts();
  let at = performance.now();
  for (let second = 0; second < seconds; second += 1) {
    await pause(1_000);
    const now = await counts();
    const elapsed = (performance.now() - at) / 1_000;
    rates.push(...now.map((count, i) => (count - (before[i] ?? 0)) / elapsed));
    before = now;
    at = performance.now();
    agentBytesMost = Math.max(agentBytesMost, ...agentPids.map(residentBytes));
  }
  return {
    rate:
      quantile(
        rates.sort((a, b) => a - b),
        0.5,
      ) ?? 0,
    agentBytesMost,
  };
}

const stage = openStage(undefined);
try {
  const cluster = clusterOf(stage);
  const port = await stage.port();
  const near = await startAgent(stage, { name: 'near', cluster, port, seed: undefined });
  const subscribers: Program[] = [];
  for (let i = 0; i < subscriberCount; i += 1) {
    const agent = await startAgent(stage, { name: `far-${i}`, cluster, port: await stage.port(), seed: port });
    const limits = i === 0 ? {} : { inFlightMax: fastInFlightMax };
    subscribers.push(await stage.program('fogata-server', { places: [{ agent }], ...limits }));
  }
  const [slow, ...fast] = subscribers as [Program, ...Program[]];
  const ofSubscribers = new Set(subscribers.map(({ pid }) => pid));
  const agentPids = stage.pids.filter((pid) => !ofSubscribers.has(pid));
  const publisher = await stage.program('fogata-client', { place: { agent: near }, instances: subscriberCount });
  const ms = (2 * calmSeconds + calmSeconds / 2 + stopSeconds) * 1_000;
  const published = publisher.perform({ verb: 'flood', bodyBytes: 128, depth, ms });
  await pause((calmSeconds / 2) * 1_000);
  const calm = await phase(fast, agentPids, calmSeconds);
  process.kill(slow.pid, 'SIGSTOP');
  const stopped = await phase(fast, agentPids, stopSeconds);
  process.kill(slow.pid, 'SIGCONT');
  const after = await phase(fast, agentPids, calmSeconds - 2);
  const { count } = await published;
  const [most, missed] = [Math.max(...(await Promise.all(fast.map((one) => one.counted())))), await slow.counted()];
  const grown = stopped.agentBytesMost - calm.agentBytesMost;
  const ratio = stopped.rate / calm.rate;
  say(`${count} published; one of ${subscriberCount} subscribers did not read for ${stopSeconds} s`);
  say(
    `the others, a second each: ${Math.round(calm.rate)} before, ${Math.round(stopped.rate)} meanwhile (${ratio.toFixed(2)}), ${Math.round(after.rate)} afterwards`,
  );
  say(`the largest agent: ${mib(calm.agentBytesMost)} before, ${mib(grown)} more meanwhile (asked for: less than 64)`);
  say(`it got ${missed} messages, the others up to ${most}`);
  if (values.json) {
    say(JSON.stringify({ show: 'slow-subscriber', stopSeconds, ratio, calm, stopped, after, grownBytes: grown }));
  }
} finally {
  await stage.close();
}
