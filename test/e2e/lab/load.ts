import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Agent } from './agent.ts';
import type { Child } from './child.ts';
import { type Withheld, watchWithheld } from './withheld.ts';

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
  /** The worst, when of each is taken off what the machine withheld from the processes on its way. */
  readonly worstOwnMs: number;
  /** Calls by who answered. */
  readonly by: Readonly<Record<string, number>>;
}

export interface Load {
  /** Leaves out the calls so far: what processes need that have only just begun is not what is measured. */
  warm(): void;
  /** Begins no more calls, waits for those under way. */
  stop(): Promise<LoadReport>;
}

/**
 * A program beside `agent` that calls `service` through it, `rate` times a second. Resolves when the first call was answered.
 * `others` are on the way of a call, too.
 */
export async function startLoad(
  agent: Agent,
  way: 'http' | 'messages',
  service: string,
  rate: number,
  others: readonly Child[] = [],
): Promise<Load> {
  const where = way === 'http' ? '127.0.0.1:7471' : agent.socket;
  const child = agent.host.start('node', [caller, way, where, service, String(rate), library]);
  await child.says(/^calling/m);
  const withheld = watchWithheld([child, agent.process, ...others].map(({ pid }) => pid));
  let countedFrom = 0;
  return {
    warm() {
      countedFrom = performance.timeOrigin + performance.now();
    },
    async stop() {
      child.tell('stop');
      const [, json = '[]'] = await child.says(/^calls (.*)\n/m, 30_000);
      withheld.end();
      return reportOf(
        (JSON.parse(json) as CallRow[]).filter(([at]) => at >= countedFrom),
        withheld,
      );
    },
  };
}

type CallRow = [at: number, tookMs: number, wrong: string, by: string];

function reportOf(rows: readonly CallRow[], withheld: Withheld): LoadReport {
  const times = rows.map((row) => row[1]).sort((a, b) => a - b);
  const wrong = rows.map((row) => row[2]).filter((text) => text !== '');
  const by: Record<string, number> = {};
  for (const row of rows) if (row[3] !== '') by[row[3]] = (by[row[3]] ?? 0) + 1;
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN;
  const own = rows.map(([begunAt, tookMs]) => {
    const from = begunAt - performance.timeOrigin;
    return tookMs - withheld.between(from, from + tookMs);
  });
  return {
    calls: rows.length,
    failed: wrong.length,
    faults: wrong.slice(0, 5),
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    worstMs: at(1),
    worstOwnMs: Math.max(...own),
    by,
  };
}

export function showReport(report: LoadReport): string {
  const { calls, failed, p50Ms, p99Ms, worstMs, worstOwnMs, by } = report;
  const ms = (value: number) => `${value.toFixed(1)} ms`;
  const shares = Object.entries(by).map(([name, count]) => `${name} ${count}`);
  return `${calls} calls, ${failed} failed, p50 ${ms(p50Ms)}, p99 ${ms(p99Ms)}, worst ${ms(worstMs)}, ${ms(worstOwnMs)} of them its own (${shares.join(', ')})`;
}
