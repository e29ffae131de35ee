// Runs a command in the foreground as if it had been called directly: signals go in, the exit code comes out.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** A terminal sends ctrl-C to every process of its foreground group by itself: passed on once more, it would count twice. */
const terminalSignals = process.stdin.isTTY ? ['SIGINT', 'SIGQUIT', 'SIGWINCH'] : [];

/** @type {NodeJS.Signals[]} */
const passedOn = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'];

/**
 * Resolves with the exit code, 128 + n for a child ended by signal n. Never rejects.
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {Promise<number>}
 */
export function runChild(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit' });
    /** @param {NodeJS.Signals} signal */
    const pass = (signal) => {
      if (!terminalSignals.includes(signal)) child.kill(signal);
    };
    /** @param {number} code */
    const end = (code) => {
      for (const signal of passedOn) process.off(signal, pass);
      resolve(code);
    };
    for (const signal of passedOn) process.on(signal, pass);
    child.once('error', (error) => {
      console.error(`${command}: ${error.message}`);
      end(127);
    });
    child.once('exit', (code, signal) => end(signal ? 128 + constants.signals[signal] : (code ?? 1)));
  });
}
