import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../runtime/system-clock.ts';
import { parseSimulateOptions, type SimulateOptions, simulateUsage } from './simulate-options.ts';
import { type SeedResult, simulateSeed } from './simulate-seed.ts';
import { createSimulateSummary } from './simulate-summary.ts';

/** What a worker is sent, and sends back. */
interface WorkerAnswer {
  readonly result: SeedResult;
}

/** Set in the processes that work for another: they take seeds from it. */
const workerVariable = 'FOGATA_SIMULATE_WORKER';

/** The nursery of V8 is small for a program that makes so much that is gone the next moment: a fifth of the time. */
const workerFlags = ['--max-semi-space-size=64'];

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (typeof options === 'number') return options;
  const summary = createSimulateSummary(options, systemClock(), (line) => console.log(line));
  const seeds = Array.from({ length: options.seeds }, (_, index) => options.firstSeed + index);
  if (options.seeds === 1) {
    summary.add(await runSeed(options, options.firstSeed));
  } else {
    await Promise.all(Array.from({ length: options.workers }, () => employ(options, args, seeds, summary.add)));
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

async function runSeed(options: SimulateOptions, seed: number): Promise<SeedResult> {
  const { nodes, minutes, kinds, trace } = options;
  const file = trace === undefined ? undefined : openSync(trace, 'w');
  const onTrace = file === undefined ? undefined : (line: string) => void writeSync(file, `${line}\n`);
  try {
    return await simulateSeed({ seed, nodes, minutes, kinds, ...(onTrace === undefined ? {} : { onTrace }) });
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Gives a worker one seed after the other until none is left. A worker that dies takes its seed with it: that fails all. */
function employ(
  options: SimulateOptions,
  args: readonly string[],
  seeds: number[],
  onResult: (result: SeedResult) => void,
): Promise<void> {
  const worker: ChildProcess = fork(fileURLToPath(import.meta.url), [...args], {
    execArgv: [...process.execArgv, ...workerFlags],
    env: { ...process.env, [workerVariable]: '1' },
  });
  return new Promise((resolve, reject) => {
    let done = false;
    const next = (): void => {
      const seed = seeds.shift();
      done = seed === undefined;
      if (seed === undefined) worker.disconnect();
      else worker.send({ seed });
    };
    worker.on('message', (answer: WorkerAnswer) => {
      onResult(answer.result);
      next();
    });
    worker.on('error', reject);
    worker.on('exit', (code) => {
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
  process.on('message', ({ seed }: { readonly seed: number }) => {
    void runSeed(options, seed).then((result) => process.send?.({ result } satisfies WorkerAnswer));
  });
}

const given = process.argv.slice(2);
if (process.env[workerVariable] === undefined) process.exitCode = await main(given);
else work(given);
