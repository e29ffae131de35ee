import { type ChildProcess, spawn } from 'node:child_process';
import { until } from './until.ts';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process of the test. All it says is kept. */
export interface Child {
  readonly pid: number;
  /** `performance.now()` when it was started. */
  readonly startedAt: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Undefined while it runs. */
  readonly exit: Exit | undefined;
  readonly exited: Promise<Exit>;
  /** A line to its standard input. */
  tell(line: string): void;
  /** Resolves with the match in its standard output. Rejects when it ends before, or does not say it in time. */
  says(pattern: RegExp, withinMs?: number): Promise<RegExpExecArray>;
  endInput(): void;
  signal(signal: NodeJS.Signals): void;
  /** As a power cut for this process; resolves when it is gone. */
  kill(): Promise<void>;
}

export function startChild(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Child {
  const startedAt = performance.now();
  const child: ChildProcess = spawn(command, args, { stdio: 'pipe', env: { ...process.env, ...env } });
  let stdout = '';
  let stderr = '';
  let exit: Exit | undefined;
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin?.on('error', () => undefined);
  const exited = new Promise<Exit>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      exit = { code, signal };
      resolve(exit);
    });
  });
  exited.catch(() => undefined);
  const told = () => `${command} ${args.join(' ')}\n${stdout}\n${stderr}`;
  return {
    pid: child.pid ?? 0,
    startedAt,
    get stdout() {
      return stdout;
    },
    get stderr() {
      return stderr;
    },
    get exit() {
      return exit;
    },
    exited,
    tell: (line) => void child.stdin?.write(`${line}\n`),
    async says(pattern, withinMs = 30_000) {
      const found = await until(`${pattern} from ${told()}`, withinMs, () => {
        return pattern.exec(stdout) ?? (exit === undefined ? undefined : 'ended');
      });
      if (found === 'ended') throw new Error(`ended with ${JSON.stringify(exit)} before it said ${pattern}: ${told()}`);
      return found;
    },
    endInput: () => void child.stdin?.end(),
    signal: (signal) => void child.kill(signal),
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
