import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../src/cli/demo/free-port.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A process under test, from its source. */
export interface Running {
  readonly process: ChildProcessWithoutNullStreams;
  /** The first line of standard output that has `text` in it, which may have come already. */
  line(text: string): Promise<string>;
  readonly ended: Promise<Ended>;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface AgentUnderTest {
  readonly env: Readonly<Record<string, string>>;
  readonly http: string;
  stop(): Promise<void>;
}

/** Runs a TypeScript file of the repository. */
export function runScript(file: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
  return run(process.execPath, ['--import', 'tsx', join(root, file), ...args], env);
}

export function runFogata(args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
  return runScript('src/cli/main.ts', args, env);
}

export function run(command: string, args: readonly string[], env: Readonly<Record<string, string>>): Running {
  const child = spawn(command, args, { cwd: root, env: { ...process.env, NO_COLOR: '1', ...env }, stdio: 'pipe' });
  const stdout: string[] = [];
  let stderr = '';
  const waiting: { readonly text: string; readonly resolve: (line: string) => void }[] = [];
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    stdout.push(line);
    const at = waiting.findIndex((each) => line.includes(each.text));
    if (at >= 0) waiting.splice(at, 1)[0]?.resolve(line);
  });
  child.stderr.on('data', (bytes: Buffer) => {
    stderr += bytes.toString('utf8');
  });
  const closed = new Promise<void>((resolve) => lines.once('close', resolve));
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code) => void closed.then(() => resolve({ code, stdout: stdout.join('\n'), stderr })));
  });
  return {
    process: child,
    line: (text) =>
      new Promise((resolve, reject) => {
        const come = stdout.find((line) => line.includes(text));
        if (come === undefined) waiting.push({ text, resolve });
        else resolve(come);
        void ended.then((end) => reject(new Error(`it ended without "${text}": ${JSON.stringify(end)}`)));
      }),
    ended,
  };
}

/** An agent of its own cluster on ports of its own. */
export async function startAgent(name: string): Promise<AgentUnderTest> {
  const directory = mkdtempSync(join(tmpdir(), 'fogata-test-'));
  const [port, http] = await Promise.all([freePort(), freePort()]);
  const socket = join(directory, 'a.sock');
  const places = [
    '--socket',
    socket,
    '--data',
    join(directory, 'data'),
    '--port',
    `${port}`,
    '--http',
    `${http}`,
    '--dns',
    'off',
  ];
  const up = runFogata(['up', '--json', '--name', name, '--cluster', `test-${port}`, ...places]);
  await up.line('"ready":true');
  return {
    env: { FOGATA_AGENT: socket },
    http: `http://127.0.0.1:${http}`,
    async stop() {
      up.process.kill('SIGTERM');
      await up.ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
