import type { Load, Task } from '../programs/load.ts';
import type { Cast } from './cast.ts';
import { cpuUsOf } from './cpu.ts';
import type { Shape } from './shape.ts';

/** One run of one system. */
export interface Run {
  /** Messages a second; deliveries a second of a publish; megabytes (10^6) a second of a bulk. */
  readonly rate: number;
  readonly p50us: number | undefined;
  readonly p99us: number | undefined;
  /** User and system time of all its processes; of a bulk, per megabyte. */
  readonly cpuUsPerMessage: number | undefined;
}

/** All clients at once. */
export async function perform(cast: Cast, shape: Shape, ms: number): Promise<Load[]> {
  const { verb, bodyBytes, depth } = shape;
  const task: Task = { verb, bodyBytes, depth, ms };
  return Promise.all(cast.clients.map((client) => client.perform(task)));
}

export async function measure(cast: Cast, shape: Shape, ms: number, pids: readonly number[]): Promise<Run> {
  const cpuBefore = cpuUsOf(pids);
  const arrivedBefore = (await cast.receiver?.counted()) ?? 0;
  const loads = await perform(cast, shape, ms);
  const arrived = ((await cast.receiver?.counted()) ?? 0) - arrivedBefore;
  const cpuAfter = cpuUsOf(pids);
  const counted = loads.reduce((sum, { count }) => sum + count, 0);
  const elapsedMs = Math.max(...loads.map((load) => load.elapsedMs));
  const units = shape.verb === 'publish' ? arrived : shape.verb === 'bulk' ? counted / 1e6 : counted;
  const latencies = loads.flatMap((load) => load.latenciesUs).sort((a, b) => a - b);
  const cpu = cpuBefore === undefined || cpuAfter === undefined ? undefined : cpuAfter - cpuBefore;
  return {
    rate: (units / elapsedMs) * 1_000,
    p50us: quantile(latencies, 0.5),
    p99us: quantile(latencies, 0.99),
    cpuUsPerMessage: cpu === undefined || units === 0 ? undefined : cpu / units,
  };
}

/** Of sorted values; undefined of none. */
export function quantile(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}
