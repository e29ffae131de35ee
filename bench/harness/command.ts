import { type ChildProcess, spawn } from 'node:child_process';

/** A process that is told nothing but to end: a daemon. */
export interface Command {
  readonly pid: number;
  end(): Promise<void>;
}

const readyMs = 20_000;
const endMs = 5_000;

/** Resolves when its output (either) says that it is ready. */
export async function startCommand(command: string, args: readonly string[], ready: RegExp): Promise<Command> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await saysReady(command, child, ready);
  return {
    pid: child.pid ?? 0,
    async end() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), endMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

function saysReady(command: string, child: ChildProcess, ready: RegExp): Promise<void> {
  let said = '';
  return new Promise((resolve, reject) => {
    const fail = (why: string) => {
      child.kill('SIGKILL');
      reject(new Error(`${command} ${why}: ${said.slice(0, 1_000)}`));
    };
    const timer = setTimeout(() => fail(`was not ready within ${readyMs / 1_000} s`), readyMs);
    const onText = (text: string) => {
      if (said.length < 65_536) said += text;
      if (!ready.test(said)) return;
      clearTimeout(timer);
      resolve();
    };
    child.stdout?.setEncoding('utf8').on('data', onText);
    child.stderr?.setEncoding('utf8').on('data', onText);
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code) => {
      clearTimeout(timer);
      fail(`ended with ${code ?? 'a signal'}`);
    });
  });
}
