import { readFileSync } from 'node:fs';
import { cpus, freemem, totalmem } from 'node:os';
import { performance } from 'node:perf_hooks';
import type { HostLoad } from './host-load.ts';
import { emptyReading, type HostReading } from './host-reading.ts';
import { linuxReading } from './linux-reading.ts';
import { LoadMeter } from './load-meter.ts';

/** This host, or the container this process is in. Some twenty small files of /proc and /sys, read at once. */
export function systemHostLoad(): HostLoad {
  const meter = new LoadMeter();
  const read = process.platform === 'linux' ? readLinux : readElsewhere;
  return {
    sample: () => meter.take(read()),
    terms: () => meter.terms,
  };
}

/** The share of time the loop did not wait is known without timers of its own, which would wake an idle host. */
function loopBusyMs(): number {
  return performance.eventLoopUtilization().active;
}

function readLinux(): HostReading {
  return linuxReading({ read: textOf }, performance.now(), loopBusyMs());
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** What every system tells: processors and memory. */
function readElsewhere(): HostReading {
  const all = cpus();
  let busyMs = 0;
  for (const { times } of all) busyMs += times.user + times.nice + times.sys + times.irq;
  return {
    ...emptyReading(performance.now()),
    processors: Math.max(1, all.length),
    busyMs,
    // macOS counts what it could free at once as used.
    memoryUsed: process.platform === 'darwin' ? undefined : 1 - freemem() / totalmem(),
    loopBusyMs: loopBusyMs(),
  };
}
