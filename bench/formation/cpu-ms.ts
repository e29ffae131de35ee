import { readFileSync } from 'node:fs';

/** The kernel counts in hundredths of a second, on every architecture Node runs on. */
const tickMs = 10;

/** Processor time that a process has spent so far, in user and kernel, all its threads (proc(5), `stat`). */
export function cpuMs(pid: number): number {
  // The name of the program, in parentheses, may hold anything.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}
