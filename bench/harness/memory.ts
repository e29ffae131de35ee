import { readFileSync } from 'node:fs';

/** Resident memory of a process now, in bytes. */
export function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1_024;
}

export const kib = (bytes: number): string => `${(bytes / 1_024).toFixed(1)} KiB`;
export const mib = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
