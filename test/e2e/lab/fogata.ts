import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Exit } from './child.ts';
import type { Host, Lab } from './lab.ts';

const main = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));

export interface Ran {
  readonly code: Exit['code'];
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command on a host, for the agent of that name and its data, to its end. */
export async function fogata(
  lab: Lab,
  host: Host,
  name: string,
  args: readonly string[],
  input?: string,
): Promise<Ran> {
  const env = { FOGATA_AGENT: join(lab.folder, `${name}.sock`), FOGATA_DATA: join(lab.folder, name) };
  const child = host.start('node', [main, ...args], env);
  if (input !== undefined) child.tell(input);
  child.endInput();
  const { code } = await child.exited;
  return { code, stdout: child.stdout, stderr: child.stderr };
}

/** The same with `--json`, which it must answer with exit code 0. */
export async function fogataJson<Answer>(lab: Lab, host: Host, name: string, args: readonly string[]): Promise<Answer> {
  const ran = await fogata(lab, host, name, ['--json', ...args]);
  if (ran.code !== 0) throw new Error(`fogata ${args[0]}: exit ${ran.code}: ${ran.stderr}${ran.stdout}`);
  return JSON.parse(ran.stdout) as Answer;
}
