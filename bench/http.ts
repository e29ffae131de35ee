/**
 * Unmodified HTTP, keep-alive, 1 KiB: wrk through the proxy and two agents against wrk straight to the program, interleaved;
 * then what the way through the agents adds at half of the load it bears. `npm run bench:http [-- --rounds N] [--seconds S]
 * [--connections N] [--prof] [--json]`; needs wrk.
 */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { cpuUsOf } from './harness/cpu.ts';
import { quantile } from './harness/measure.ts';
import { optionsOf } from './harness/options.ts';
import type { Program } from './harness/program.ts';
import { openStage, type Stage } from './harness/stage.ts';
import { clusterOf, startAgent } from './harness/start-agent.ts';

const { values } = optionsOf('npm run bench:http [-- --rounds N] [--seconds S] [--connections N] [--prof] [--json]', {
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '32' },
    prof: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    lacking: { type: 'string' },
  },
});
const [rounds, seconds] = [Number(values.rounds), Number(values.seconds)];
const say = (line: string) => void process.stdout.write(`${line}\n`);
const median = (all: readonly number[]) =>
  quantile(
    [...all].sort((a, b) => a - b),
    0.5,
  ) ?? Number.NaN;

interface Way {
  readonly name: string;
  readonly port: number;
  readonly path: string;
  readonly rates: number[];
  /** For one request, of each process: the program, the agent near the client, the agent near the program. */
  readonly cpuUs: number[][];
  readonly p50us: number[];
  readonly p90us: number[];
}

const wayOf = (name: string, port: number, path: string): Way => ({
  name,
  port,
  path,
  rates: [],
  cpuUs: [],
  p50us: [],
  p90us: [],
});

/** Requests a second. */
async function wrk({ port, path }: Way, forSeconds: number): Promise<number> {
  const load = ['-t1', `-c${values.connections}`, `-d${forSeconds}s`];
  const child = spawn('wrk', [...load, `http://127.0.0.1:${port}${path}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  const said = await text(child.stdout);
  const rate = Number(/Requests\/sec:\s+([\d.]+)/.exec(said)?.[1]);
  if (!(rate > 0) || /Non-2xx|Socket errors/.test(said)) throw new Error(`wrk: ${said}`);
  return rate;
}

async function ways(stage: Stage): Promise<Way[]> {
  const program = await stage.program('http-program', {});
  const cluster = clusterOf(stage);
  const [near, far, http] = [await stage.port(), await stage.port(), await stage.port()];
  const serve = `web=http://127.0.0.1:${String(program.facts)}`;
  await startAgent(stage, { name: 'near', cluster, port: near, seed: undefined, http: `127.0.0.1:${http}` });
  await startAgent(stage, { name: 'far', cluster, port: far, seed: near, serve });
  await untilServed(http);
  return [wayOf('straight', program.facts as number, '/'), wayOf('through two agents', http, '/to/web/')];
}

async function untilServed(port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const response = await fetch(`http://127.0.0.1:${port}/to/web/`);
    await response.arrayBuffer();
    if (response.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the service was not found within 10 s');
}

async function measureRates(stage: Stage, all: readonly Way[]): Promise<void> {
  for (const way of all) await wrk(way, 2);
  for (let round = 0; round < rounds; round += 1) {
    for (const way of all) {
      const cpuUs = () => stage.pids.map((pid) => cpuUsOf([pid]) ?? Number.NaN);
      const before = cpuUs();
      const rate = await wrk(way, seconds);
      way.rates.push(rate);
      way.cpuUs.push(cpuUs().map((after, i) => (after - (before[i] ?? 0)) / (rate * seconds)));
    }
  }
}

async function measureTimes(stage: Stage, all: readonly Way[], rate: number): Promise<void> {
  const clients = new Map<Way, Program>();
  for (const way of all) {
    const { port, path } = way;
    clients.set(way, await stage.program('http-client', { port, path, connections: Number(values.connections) }));
  }
  for (let round = -1; round < rounds; round += 1) {
    for (const [way, client] of clients) {
      const load = await client.perform({ verb: 'call', bodyBytes: 0, depth: rate, ms: seconds * 1_000 });
      if (round < 0) continue;
      way.p50us.push(quantile(load.latenciesUs, 0.5) ?? Number.NaN);
      way.p90us.push(quantile(load.latenciesUs, 0.9) ?? Number.NaN);
    }
  }
}

const stage = openStage(values.prof ? '.cache/bench-profiles' : undefined);
try {
  const all = await ways(stage);
  await measureRates(stage, all);
  const [straight, through] = all.map(({ rates }) => median(rates)) as [number, number];
  const half = Math.round(through / 2);
  await measureTimes(stage, all, half);
  for (const way of all) {
    const cpu = ['program', 'near agent', 'far agent'].map(
      (name, i) => `${name} ${Math.round(median(way.cpuUs.map((each) => each[i] ?? Number.NaN)))}`,
    );
    const rate = `${Math.round(median(way.rates))} requests/s, µs of CPU each: ${cpu.join(', ')}`;
    const times = `p50 ${Math.round(median(way.p50us))} µs, p90 ${Math.round(median(way.p90us))} µs`;
    say(`${way.name}: ${rate}; at ${half} a second ${times}`);
  }
  const [p90, p90Through] = all.map(({ p90us }) => median(p90us)) as [number, number];
  const addedMs = (p90Through - p90) / 1_000;
  say(`${(through / straight).toFixed(2)} of the rate (asked for: 0.3), p90 + ${addedMs.toFixed(2)} ms (at most 0.7)`);
  if (values.json)
    say(JSON.stringify({ show: 'http', ratio: through / straight, addedP90Ms: addedMs, rate: half, ways: all }));
} finally {
  await stage.close();
}
