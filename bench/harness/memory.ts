import { readFileSync } from 'node:fs';

const fieldOf = (pid: number, field: string): number => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1_024;
};

/** Resident memory of a process now, in bytes. */
export const residentBytes = (pid: number): number => fieldOf(pid, 'VmRSS');

/** The most it ever was. */
export const residentBytesMost = (pid: number): number => fieldOf(pid, 'VmHWM');

export const kib = (bytes: number): string => `${(bytes / 1_024).toFixed(1)} KiB`;
export const mib = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
