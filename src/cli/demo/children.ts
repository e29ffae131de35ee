import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Of what a child says on standard error, the end: for the report when it does not come up. */
const errorBytesMax = 4_096;

/** A process the demo has started. */
export interface Child {
  readonly name: string;
  readonly pid: number;
  readonly isRunning: boolean;
  /** The end of what it said on standard error. */
  readonly errorText: string;
  /** Resolves when it is gone, however that came. */
  readonly gone: Promise<void>;
  write(line: string): void;
  kill(signal: NodeJS.Signals): void;
}

/** All processes of one demo: whatever becomes of the demo, none of them outlives it. */
export interface Children {
  /** `script` is a file of this folder or its parent without its ending; the child gets one line of standard output at a time. */
  start(name: string, script: string, args: readonly string[], onLine?: (line: string) => void): Child;
  /** Resolves when the last is gone. */
  killAll(): Promise<void>;
}

/** Children run the code this file is of: compiled, or its source under a loader. */
const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';

/** `directory` is the demo's own, and goes with it. */
export function createChildren(directory: string): Children {
  const running = new Map<number, Child>();
  const keeper = startKeeper(directory);
  const killAll = (): void => {
    for (const child of running.values()) child.kill('SIGKILL');
  };
  process.once('exit', killAll);
  return {
    start(name, script, args, onLine) {
      const child = startChild(name, script, args, onLine);
      running.set(child.pid, child);
      keeper.stdin?.write(`+${child.pid}\n`);
      void child.gone.then(() => {
        running.delete(child.pid);
        keeper.stdin?.write(`-${child.pid}\n`);
      });
      return child;
    },
    async killAll() {
      killAll();
      await Promise.all([...running.values()].map((child) => child.gone));
      keeper.stdin?.end();
    },
  };
}

function spawnScript(script: string, args: readonly string[]): ChildProcess {
  const file = fileURLToPath(new URL(`${script}.${ending}`, import.meta.url));
  // A group of its own: ctrl-C is the demo's to hear, which then ends its children in order.
  return spawn(process.execPath, [...process.execArgv, file, ...args], {
    stdio: 'pipe',
    detached: true,
    env: ownEnvironment(),
  });
}

/** Without what somebody has set for an agent of his own. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith('FOGATA_') && name !== 'FORCE_COLOR');
  return { ...Object.fromEntries(others), NO_COLOR: '1' };
}

/** Ends the others when the demo itself is killed: a process that is gone can clean up nothing. */
function startKeeper(directory: string): ChildProcess {
  const keeper = spawnScript('keeper', [directory]);
  keeper.stdin?.on('error', () => undefined);
  keeper.on('error', () => undefined);
  keeper.unref();
  return keeper;
}

function startChild(
  name: string,
  script: string,
  args: readonly string[],
  onLine: ((line: string) => void) | undefined,
): Child {
  const child = spawnScript(script, args);
  let isRunning = child.pid !== undefined;
  let errorText = '';
  const gone = new Promise<void>((resolve) => {
    const end = (): void => {
      isRunning = false;
      resolve();
    };
    child.once('exit', end);
    child.once('error', end);
  });
  child.stdin?.on('error', () => undefined);
  child.stderr?.on('data', (bytes: Buffer) => {
    errorText = (errorText + bytes.toString('utf8')).slice(-errorBytesMax);
  });
  if (child.stdout !== null) {
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => onLine?.(line));
  }
  return {
    name,
    pid: child.pid ?? 0,
    get isRunning() {
      return isRunning;
    },
    get errorText() {
      return errorText;
    },
    gone,
    write: (line) => void child.stdin?.write(`${line}\n`),
    kill: (signal) => void child.kill(signal),
  };
}
