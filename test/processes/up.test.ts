import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect, type Mesh } from 'fogata';
import { afterEach, beforeEach, expect, it } from 'vitest';

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

let root: string;
let child: ChildProcess;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'fogata-'));
});

afterEach(async () => {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await rm(root, { recursive: true });
});

interface Result {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** Starts `fogata up`; descriptor 3 is a pipe for its ready line. */
function up(...args: string[]): { readonly ready: Promise<string>; readonly ended: Promise<Result> } {
  const { FOGATA_CONFIG: _, FOGATA_AGENT: __, ...env } = process.env;
  child = spawn(process.execPath, ['--import', 'tsx', main, 'up', ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    env: { ...env, NO_COLOR: '1' },
  });
  let output = '';
  let errors = '';
  child.stdout?.on('data', (bytes: Buffer) => (output += bytes.toString()));
  child.stderr?.on('data', (bytes: Buffer) => (errors += bytes.toString()));
  const ready = new Promise<string>((resolve) => {
    let text = '';
    child.stdio[3]?.on('data', (bytes: Buffer) => (text += bytes.toString()));
    child.stdio[3]?.on('end', () => resolve(text));
  });
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, output, errors }));
  return { ready, ended };
}

const own = () => [
  '--cluster',
  `test-${process.pid}`,
  '--http',
  'off',
  '--dns',
  'off',
  '--socket',
  join(root, 'a.sock'),
  '--data',
  root,
];

it('tells when it is up, and ends in order when it is asked to', async () => {
  const { ready, ended } = up('--name', 'hq', '--ready-fd', '3', ...own());
  expect(await ready).toBe('READY=1\n');
  child.kill('SIGTERM');
  const { code, output, errors } = await ended;
  expect(errors).toBe('');
  expect(output).toMatch(/^hq of cluster test-\d+ is up · node port \d+ · no http · .*a\.sock · this host only\n$/);
  expect(code).toBe(0);
});

it.each([
  [['--prot', '1'], /unknown option '--prot'/],
  [['--port', 'x'], /^--port: expected a port from 1 to 65535, found "x"\n$/],
  [['--config', '/nonexistent.yaml'], /^\/nonexistent\.yaml: no such file/],
  [['--ready-fd', '99'], /^--ready-fd: nothing is open as 99\n$/],
])('%j is told in one line', async (args, message) => {
  const { code, output, errors } = await up(...args).ended;
  expect(errors).toMatch(message);
  expect(output).toBe('');
  expect(code).toBe(2);
});

it('outlives the disk that its log and its ready line go to', async () => {
  const { FOGATA_CONFIG: _, FOGATA_AGENT: __, ...env } = process.env;
  const options = ['up', '--name', 'hq', ...own()].join(' ');
  const agent = ['-c', `exec node --import tsx ${main} ${options} >/dev/full 2>/dev/full`];
  child = spawn('sh', agent, { env: { ...env, FOGATA_LOG: 'debug' } });
  const ended = once(child, 'exit');
  const where = { agent: join(root, 'a.sock'), timeoutMs: 5_000 };
  let mesh: Mesh | undefined;
  while (mesh === undefined && child.exitCode === null) mesh = await connect(where).catch(() => undefined);
  expect(mesh?.self.name).toBe('hq');
  await mesh?.close();
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
});
