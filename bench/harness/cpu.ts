import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Ticks of /proc a second: 100 on every Linux that Node runs on. */
const microsecondsPerTick = 10_000;

/** User and system time of these processes so far; undefined where there is no /proc. */
export function cpuUsOf(pids: readonly number[]): number | undefined {
  let ticks = 0;
  for (const pid of pids) {
    try {
      // The name of the program, in parentheses, may hold blanks: count from behind it.
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ');
      ticks += Number(fields[11]) + Number(fields[12]);
    } catch {
      return undefined;
    }
  }
  return ticks * microsecondsPerTick;
}

/** The cores that this process may use, as `taskset` says it; undefined without `taskset`. */
export function ownCores(): string | undefined {
  const { status, stdout } = spawnSync('taskset', ['-cp', String(process.pid)], { encoding: 'utf8' });
  return status === 0 ? stdout.split(':').at(-1)?.trim() : undefined;
}

/** With all their threads. */
export function pin(pids: readonly number[], cores: string): void {
  for (const pid of pids) spawnSync('taskset', ['-acp', cores, String(pid)], { stdio: 'ignore' });
}

/** `0-1` or `0,2`: the last of them, where the kernel's own work is least. */
export const lastCore = (cores: string): string => cores.split(/[-,]/).at(-1) ?? '0';

export const firstCore = (cores: string): string => cores.split(/[-,]/)[0] ?? '0';
