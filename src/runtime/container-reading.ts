import { type HostFiles, numberAt, stallMs, wholeNumber } from './host-files.ts';
import type { HostReading } from './host-reading.ts';

const root = '/sys/fs/cgroup';

/** What a control group limits is told in its own figures; what it does not limit is left out. */
export type ContainerReading = Partial<Omit<HostReading, 'at'>>;

/**
 * The limits that hold for this process, of whichever version and at whichever height of the tree: a container may not see
 * the path it is called by, and then the root of what it sees is its own.
 */
export function containerReading(files: HostFiles): ContainerReading {
  const own = files.read('/proc/self/cgroup') ?? '';
  const unified = /^0::(.*)$/m.exec(own)?.[1];
  const found = unified === undefined ? {} : unifiedReading(files, unified);
  const cpu = found.processors === undefined ? splitCpu(files, own) : {};
  const memory = found.memoryUsed === undefined ? splitMemory(files, own) : {};
  return { ...found, ...cpu, ...memory };
}

/** From a group up to the root: `/a/b`, `/a`, ``. */
function heights(path: string): string[] {
  const steps = path.split('/').filter((step) => step !== '' && step !== '..');
  return Array.from({ length: steps.length + 1 }, (_, i) =>
    steps
      .slice(0, steps.length - i)
      .map((step) => `/${step}`)
      .join(''),
  );
}

/** The group with the tightest limit, and the limit. */
function tightest(folders: readonly string[], limitOf: (folder: string) => number | undefined) {
  let best: { readonly folder: string; readonly limit: number } | undefined;
  for (const folder of folders) {
    const limit = limitOf(folder);
    if (limit !== undefined && (best === undefined || limit < best.limit)) best = { folder, limit };
  }
  return best;
}

/** Version 2. */
function unifiedReading(files: HostFiles, path: string): ContainerReading {
  const folders = heights(path).map((height) => root + height);
  const cpu = tightest(folders, (folder) => {
    const [quota, period] = (files.read(`${folder}/cpu.max`) ?? '').trim().split(' ').map(Number);
    return quota !== undefined && period !== undefined && quota > 0 && period > 0 ? quota / period : undefined;
  });
  const memory = tightest(folders, (folder) => wholeNumber(files.read(`${folder}/memory.max`)));
  return { ...unifiedCpu(files, cpu), ...unifiedMemory(files, memory) };
}

type Limit = ReturnType<typeof tightest>;

function unifiedCpu(files: HostFiles, cpu: Limit): ContainerReading {
  if (cpu === undefined) return {};
  const stat = files.read(`${cpu.folder}/cpu.stat`);
  const used = numberAt(stat, 'usage_usec');
  return {
    processors: cpu.limit,
    isLimited: true,
    busyMs: used === undefined ? undefined : used / 1_000,
    runnable: undefined,
    periods: numberAt(stat, 'nr_periods'),
    throttled: numberAt(stat, 'nr_throttled'),
  };
}

function unifiedMemory(files: HostFiles, memory: Limit): ContainerReading {
  const current = memory && wholeNumber(files.read(`${memory.folder}/memory.current`));
  if (memory === undefined || current === undefined) return {};
  const cache = numberAt(files.read(`${memory.folder}/memory.stat`), 'inactive_file') ?? 0;
  return {
    memoryUsed: Math.max(0, current - cache) / memory.limit,
    memoryStallMs: stallMs(files.read(`${memory.folder}/memory.pressure`), 'full'),
  };
}

/** Version 1: where a controller is mounted; `file` is in each of its folders, the root too. */
function mountOf(files: HostFiles, controller: string, file: string): string {
  const mounts = controller === 'memory' ? [controller] : [controller, 'cpu,cpuacct'];
  const name = mounts.find((mount) => files.read(`${root}/${mount}/${file}`) !== undefined) ?? controller;
  return `${root}/${name}`;
}

/** Version 1: the path of this process in a controller, and all above it. */
function splitHeights(own: string, controller: string): string[] {
  const path = new RegExp(`^\\d+:(?:[^:]*,)?${controller}(?:,[^:]*)?:(.*)$`, 'm').exec(own)?.[1];
  return path === undefined ? [] : heights(path);
}

function splitCpu(files: HostFiles, own: string): ContainerReading {
  const mount = mountOf(files, 'cpu', 'cpu.shares');
  const cpu = tightest(splitHeights(own, 'cpu'), (height) => {
    // -1: no limit.
    const quota = wholeNumber(files.read(`${mount}${height}/cpu.cfs_quota_us`));
    const period = wholeNumber(files.read(`${mount}${height}/cpu.cfs_period_us`));
    return quota !== undefined && period !== undefined && period > 0 ? quota / period : undefined;
  });
  if (cpu === undefined) return {};
  const stat = files.read(`${mount}${cpu.folder}/cpu.stat`);
  const usage = `${mountOf(files, 'cpuacct', 'cpuacct.usage')}${cpu.folder}/cpuacct.usage`;
  const used = wholeNumber(files.read(usage));
  return {
    processors: cpu.limit,
    isLimited: true,
    busyMs: used === undefined ? undefined : used / 1_000_000,
    runnable: undefined,
    periods: numberAt(stat, 'nr_periods'),
    throttled: numberAt(stat, 'nr_throttled'),
  };
}

/** Version 1 says "no limit" by a number near 2^63. */
const unlimitedBytes = 2 ** 60;

function splitMemory(files: HostFiles, own: string): ContainerReading {
  const mount = `${root}/memory`;
  const memory = tightest(splitHeights(own, 'memory'), (height) => {
    const limit = wholeNumber(files.read(`${mount}${height}/memory.limit_in_bytes`));
    return limit !== undefined && limit < unlimitedBytes ? limit : undefined;
  });
  const used = memory && wholeNumber(files.read(`${mount}${memory.folder}/memory.usage_in_bytes`));
  if (memory === undefined || used === undefined) return {};
  const cache = numberAt(files.read(`${mount}${memory.folder}/memory.stat`), 'total_inactive_file') ?? 0;
  return { memoryUsed: Math.max(0, used - cache) / memory.limit };
}
