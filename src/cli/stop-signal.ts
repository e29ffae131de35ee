import { ExitCode } from './exit-code.ts';

/** As a shell tells it of a process that SIGTERM ended. */
const terminated = 143;

/**
 * Resolves once somebody wants this process to end: ctrl-C, `kill`, or the terminal's end. The first signal asks for an
 * orderly end; the next one, of whatever kind, ends at once, and what listens to the process's 'exit' is still heard.
 */
export function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let asked = false;
    const take = (signal: NodeJS.Signals): void => {
      if (asked) process.exit(signal === 'SIGINT' ? ExitCode.interrupted : terminated);
      asked = true;
      resolve(signal);
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, take);
  });
}

/** For a verb that somebody at a terminal ends: to be asked by a supervisor is no interruption. */
export async function stopCode(): Promise<number> {
  return (await stopSignal()) === 'SIGINT' ? ExitCode.interrupted : ExitCode.good;
}
