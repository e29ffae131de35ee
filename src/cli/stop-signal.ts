import { ExitCode } from './exit-code.ts';

/** Resolves with the exit code once somebody wants this process to end: ctrl-C, or `kill`. A second ctrl-C ends it at once. */
export function stopSignal(): Promise<number> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve(ExitCode.interrupted));
    process.once('SIGTERM', () => resolve(ExitCode.good));
    process.once('SIGHUP', () => resolve(ExitCode.good));
  });
}
