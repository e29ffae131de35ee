import { type ChildProcess, fork } from 'node:child_process';
import { appendFileSync, closeSync, openSync, writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../runtime/system-clock.ts';
import { parseSimulateOptions, type SimulateOptions, simulateUsage } from './simulate-options.ts';
import { simulateSeed } from './simulate-seed.ts';
import { createSimulateSummary, logLine, type SeedRun } from './simulate-summary.ts';

/** Set in the processes that work for another: they take seeds from it. */
const workerVariable = 'FOGATA_SIMULATE_WORKER';

/** The nursery of V8 is small for a program that makes so much that is gone the next moment: a fifth of the time. */
const workerFlags = ['--max-semi-space-size=64'];

/** As shells have it for who was interrupted. */
const interruptedCode = 130;

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (typeof options === 'number') return options;
  const summary = createSimulateSummary(options, systemClock(), (line) => console.log(line));
  const workers = new Set<ChildProcess>();
  const onRun = (run: SeedRun): void => {
    if (options.log !== undefined) appendFileSync(options.log, `${logLine(run)}\n`);
    summary.add(run);
  };
  process.once('SIGINT', () => {
    summary.finish();
    for (const worker of workers) worker.kill('SIGKILL');
    process.exit(interruptedCode);
  });
  const seeds = Array.from({ length: options.seeds }, (_, index) => options.firstSeed + index);
  if (options.seeds === 1) {
    onRun(await runSeed(options, options.firstSeed));
  } else {
    const shared = { options, args, seeds, workers, onRun };
    await Promise.all(Array.from({ length: options.workers }, () => employ(shared)));
  }
  return summary.finish();
}

function readOptions(args: readonly string[]): SimulateOptions | number {
  try {
    const options = parseSimulateOptions(args);
    if (options !== 'help') return options;
    console.log(simulateUsage);
    return 0;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${simulateUsage}`);
    return 2;
  }
}

async function runSeed(options: SimulateOptions, seed: number): Promise<SeedRun> {
  const { nodes, minutes, kinds, trace } = options;
  const file = trace === undefined ? undefined : openSync(trace, 'w');
  const onTrace = file === undefined ? undefined : (line: string) => void writeSync(file, `${line}\n`);
  const before = process.cpuUsage();
  try {
    const result = await simulateSeed({ seed, nodes, minutes, kinds, ...(onTrace === undefined ? {} : { onTrace }) });
    const { user, system } = process.cpuUsage(before);
    return { result, cpuMs: (user + system) / 1_000 };
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

interface Work {
  readonly options: SimulateOptions;
  readonly args: readonly string[];
  /** Those that nobody has taken yet. */
  readonly seeds: number[];
  readonly workers: Set<ChildProcess>;
  readonly onRun: (run: SeedRun) => void;
}

/** Gives a worker one seed after the other until none is left. A worker that dies takes its seed with it: that fails all. */
function employ({ options, args, seeds, workers, onRun }: Work): Promise<void> {
  const worker: ChildProcess = fork(fileURLToPath(import.meta.url), [...args], {
    execArgv: [...process.execArgv, ...workerFlags],
    env: { ...process.env, [workerVariable]: '1' },
  });
  workers.add(worker);
  return new Promise((resolve, reject) => {
    let done = false;
    const next = (): void => {
      const seed = seeds.shift();
      done = seed === undefined;
      if (seed === undefined) worker.disconnect();
      else worker.send({ seed });
    };
    worker.on('message', (run: SeedRun) => {
      onRun(run);
      next();
    });
    worker.on('error', reject);
    worker.on('exit', (code) => {
      workers.delete(worker);
      if (done) resolve();
      else reject(new Error(`a worker of ${options.workers} ended with code ${code}`));
    });
    next();
  });
}

/** The other side of `employ`. */
function work(args: readonly string[]): void {
  const options = readOptions(args);
  if (typeof options === 'number') return;
  // A terminal interrupts all of its processes; what was done so far is told by the one that gave the seeds.
  process.on('SIGINT', () => undefined);
  process.on('message', ({ seed }: { readonly seed: number }) => {
    void runSeed(options, seed).then((run) => process.send?.(run));
  });
}

const given = process.argv.slice(2);
if (process.env[workerVariable] === undefined) process.exitCode = await main(given);
else work(given);
