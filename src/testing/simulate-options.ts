import { parseArgs } from 'node:util';
import { type FaultKind, faultKinds } from './fault-plan.ts';

/** What `npm run simulate` was asked for. */
export interface SimulateOptions {
  readonly firstSeed: number;
  readonly seeds: number;
  readonly nodes: number;
  readonly minutes: number;
  readonly workers: number;
  readonly kinds: readonly FaultKind[];
  /** A file that gets a line for everything that happens, for one seed. */
  readonly trace: string | undefined;
  /** A file that gets a line for each seed as it ends. */
  readonly log: string | undefined;
}

export const simulateUsage = `Usage: npm run simulate -- [options]

  --seed N       first seed (default 1)
  --seeds COUNT  how many, one after the other (default 1)
  --nodes N      nodes of the cluster (default 50)
  --minutes M    virtual minutes under faults (default 2)
  --faults LIST  kinds of faults, by comma (default all: ${faultKinds.join(',')})
  --workers K    processes that share the seeds (default 1)
  --trace FILE   writes all that happens to a file; for one seed
  --log FILE     adds a line for each seed to a file as soon as it has ended

Prints one line for each seed that fails and how to repeat it. Exit code 1 when one did. Interrupted, it sums up the seeds
so far; exit code 130.`;

/** Throws an error that says what is wrong with the arguments. */
export function parseSimulateOptions(args: readonly string[]): SimulateOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string', default: '1' },
      seeds: { type: 'string', default: '1' },
      nodes: { type: 'string', default: '50' },
      minutes: { type: 'string', default: '2' },
      faults: { type: 'string', default: faultKinds.join(',') },
      workers: { type: 'string', default: '1' },
      trace: { type: 'string' },
      log: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const seeds = whole('--seeds', values.seeds, 1, 10_000_000);
  if (values.trace !== undefined && seeds > 1) throw new Error('--trace is for one seed');
  return {
    firstSeed: whole('--seed', values.seed, 0, Number.MAX_SAFE_INTEGER),
    seeds,
    nodes: whole('--nodes', values.nodes, 1, 2_000),
    minutes: positive('--minutes', values.minutes),
    workers: Math.min(seeds, whole('--workers', values.workers, 1, 256)),
    kinds: values.faults.split(',').map(faultKind),
    trace: values.trace,
    log: values.log,
  };
}

function whole(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new Error(`${name} is a whole number from ${least} to ${most}, not ${text}`);
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new Error(`${name} is a number above 0, not ${text}`);
}

function faultKind(text: string): FaultKind {
  const kind = faultKinds.find((one) => one === text);
  if (kind === undefined) throw new Error(`--faults: no such kind: ${text}; there are ${faultKinds.join(', ')}`);
  return kind;
}
