import { readFileSync } from 'node:fs';

/** What a process holds in memory now, in MiB. */
export function memoryOf(pid: number): number {
  return mebibytes(pid, 'VmRSS');
}

/** The most it ever held, in MiB. */
export function memoryPeakOf(pid: number): number {
  return mebibytes(pid, 'VmHWM');
}

function mebibytes(pid: number, field: string): number {
  const line = new RegExp(`^${field}:\\s*(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1] ?? Number.NaN) / 1024;
}
