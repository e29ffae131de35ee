import { systemErrorCode } from './system-error.ts';

/** Whether a process of this host has this number; it may be another one than is meant. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemErrorCode(error) === 'EPERM';
  }
}
