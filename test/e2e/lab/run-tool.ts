import { spawnSync } from 'node:child_process';

/** Runs a short command of the system to its end, and gives what it printed. Throws with what it said when it fails. */
export function runTool(command: string, args: readonly string[], input = ''): string {
  const done = spawnSync(command, args, { input, encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (done.error !== undefined) throw done.error;
  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${done.stderr.trim()}`);
  return done.stdout;
}

export function isToolHere(tool: string): boolean {
  return spawnSync('sh', ['-c', 'command -v "$0"', tool]).status === 0;
}
