import type { Clock } from '../runtime/clock.ts';
import type { SimulateOptions } from './simulate-options.ts';
import type { SeedResult } from './simulate-seed.ts';

/** A seed that was run, and what it took. */
export interface SeedRun {
  readonly result: SeedResult;
  /** Processor time of the process that ran it. */
  readonly cpuMs: number;
}

/** Tells of failures as they come, and of all seeds at the end. */
export interface SimulateSummary {
  add(run: SeedRun): void;
  /** Sums up the seeds so far, which may not be all. Returns the exit code. */
  finish(): number;
}

/** With few seeds each gets a line; with many those that fail, and a sign of life now and then. */
const linesMax = 20;
const signOfLifeEvery = 25;

export function createSimulateSummary(
  options: SimulateOptions,
  clock: Clock,
  print: (line: string) => void,
): SimulateSummary {
  const startedAt = clock.now();
  const results: SeedResult[] = [];
  let cpuMs = 0;

  return {
    add(run) {
      const { result } = run;
      results.push(result);
      cpuMs += run.cpuMs;
      if (result.failures.length > 0) for (const line of failureLines(options, result)) print(line);
      else if (options.seeds <= linesMax) print(seedLine(result));
      if (options.seeds > linesMax && results.length % signOfLifeEvery === 0) {
        print(`${results.length} of ${options.seeds} seeds after ${seconds(clock.now() - startedAt)}`);
      }
    },
    finish() {
      for (const line of summaryLines(options, results, { realMs: clock.now() - startedAt, cpuMs })) print(line);
      return results.some(({ failures }) => failures.length > 0) ? 1 : 0;
    },
  };
}

/** One line of the log of a long series. */
export function logLine({ result, cpuMs }: SeedRun): string {
  const { seed, failures, digest, convergeMs } = result;
  const how = failures.length === 0 ? 'well' : 'FAILED';
  return `seed ${seed} ${how}, ${seconds(cpuMs)} CPU, converged in ${convergeMs} ms, digest ${digest}`;
}

function seedLine({ seed, digest, events, calls, streams, convergeMs }: SeedResult): string {
  return `seed ${seed} well: ${events} events, ${calls} calls, ${streams} streams, converged in ${convergeMs} ms, digest ${digest}`;
}

function failureLines({ nodes, minutes, seeds }: SimulateOptions, { seed, failures, faults }: SeedResult): string[] {
  const lines = [`seed ${seed} FAILED: npm run simulate -- --seed ${seed} --nodes ${nodes} --minutes ${minutes}`];
  lines.push(...failures.map((text) => `    ${text}`));
  if (seeds === 1) lines.push('  faults:', ...faults.map((text) => `    ${text}`));
  return lines;
}

function summaryLines(
  { nodes, seeds }: SimulateOptions,
  results: readonly SeedResult[],
  { realMs, cpuMs }: { readonly realMs: number; readonly cpuMs: number },
): string[] {
  const sum = (of: (result: SeedResult) => number): number => results.reduce((total, one) => total + of(one), 0);
  const converged = results.map(({ convergeMs }) => convergeMs).sort((a, b) => a - b);
  const failed = results.filter(({ failures }) => failures.length > 0).map(({ seed }) => seed);
  const outcomes = new Map<string, number>();
  for (const result of results) {
    for (const [key, count] of Object.entries(result.outcomes)) outcomes.set(key, (outcomes.get(key) ?? 0) + count);
  }
  const ranked = [...outcomes].sort((a, b) => b[1] - a[1]).map(([key, count]) => `${key} ${count}`);
  const events = sum((one) => one.events);
  const passed = results.length - failed.length;
  const left = seeds - results.length;
  return [
    `${passed} of ${seeds} seeds of ${nodes} nodes passed${left > 0 ? `, ${left} were not run` : ''}, failed: ${failed.length === 0 ? 'none' : `seeds ${failed.join(' ')}`}`,
    `  time        ${seconds(sum((one) => one.virtualMs))} virtual, ${seconds(realMs)} real, ${seconds(cpuMs / Math.max(1, results.length))} CPU a seed`,
    `  events      ${events}, ${Math.round((events / realMs) * 1_000)} a second`,
    `  converged   p50 ${converged[converged.length >> 1] ?? '-'} ms, max ${converged.at(-1) ?? '-'} ms after healing`,
    `  messages    ${sum((one) => one.calls)}, executed ${sum((one) => one.executions)} times, the latest ${Math.round(Math.max(0, ...results.map((one) => one.latestExecutionMs)))} ms after its deadline`,
    `  streams     ${sum((one) => one.streams)}`,
    `  settlements ${ranked.join(', ')}`,
  ];
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
