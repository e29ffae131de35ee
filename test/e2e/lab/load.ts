import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Agent } from './agent.ts';

const caller = fileURLToPath(new URL('../programs/caller.mjs', import.meta.url));
const library = pathToFileURL(fileURLToPath(new URL('../../../dist/index.js', import.meta.url))).href;

export interface LoadReport {
  readonly calls: number;
  readonly failed: number;
  /** What was wrong with the first few. */
  readonly faults: readonly string[];
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly worstMs: number;
  /** Calls by who answered. */
  readonly by: Readonly<Record<string, number>>;
}

export interface Load {
  /** Leaves out the calls so far: what processes need that have only just begun is not what is measured. */
  warm(): void;
  /** Begins no more calls, waits for those under way. */
  stop(): Promise<LoadReport>;
}

/** A program beside `agent` that calls `service` through it, `rate` times a second. Resolves when the first call was answered. */
export async function startLoad(agent: Agent, way: 'http' | 'messages', service: string, rate: number): Promise<Load> {
  const where = way === 'http' ? '127.0.0.1:7471' : agent.socket;
  const child = agent.host.start('node', [caller, way, where, service, String(rate), library]);
  await child.says(/^calling/m);
  let countedFrom = 0;
  return {
    warm() {
      countedFrom = performance.timeOrigin + performance.now();
    },
    async stop() {
      child.tell('stop');
      const [, json = '[]'] = await child.says(/^calls (.*)\n/m, 30_000);
      return reportOf((JSON.parse(json) as CallRow[]).filter(([at]) => at >= countedFrom));
    },
  };
}

type CallRow = [at: number, tookMs: number, wrong: string, by: string];

function reportOf(rows: readonly CallRow[]): LoadReport {
  const times = rows.map((row) => row[1]).sort((a, b) => a - b);
  const wrong = rows.map((row) => row[2]).filter((text) => text !== '');
  const by: Record<string, number> = {};
  for (const row of rows) if (row[3] !== '') by[row[3]] = (by[row[3]] ?? 0) + 1;
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN;
  return {
    calls: rows.length,
    failed: wrong.length,
    faults: wrong.slice(0, 5),
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    worstMs: at(1),
    by,
  };
}

export function showReport(report: LoadReport): string {
  const { calls, failed, p50Ms, p99Ms, worstMs, by } = report;
  const ms = (value: number) => `${value.toFixed(1)} ms`;
  const shares = Object.entries(by).map(([name, count]) => `${name} ${count}`);
  return `${calls} calls, ${failed} failed, p50 ${ms(p50Ms)}, p99 ${ms(p99Ms)}, worst ${ms(worstMs)} (${shares.join(', ')})`;
}
