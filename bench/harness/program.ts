import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Load, Task } from '../programs/load.ts';
import type { Answer, Order } from '../programs/player.ts';

/** A process of a system that obeys orders. */
export interface Program {
  readonly pid: number;
  /** What it said of itself when it was ready. */
  readonly facts: unknown;
  perform(task: Task): Promise<Load>;
  counted(): Promise<number>;
  end(): Promise<void>;
}

/** Time for a profile to be written. */
const endMs = 5_000;

/** `name` is a file of bench/programs. Resolves when it is ready. */
export async function startProgram(name: string, settings: unknown, nodeFlags: readonly string[]): Promise<Program> {
  const file = fileURLToPath(new URL(`../programs/${name}.js`, import.meta.url));
  const child = fork(file, [JSON.stringify(settings)], {
    execArgv: [...nodeFlags],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const first = await answerOf(name, child);
  if (!('ready' in first))
    throw new Error(`${name}: ${'failed' in first ? first.failed : 'said something else first'}`);
  const ask = async (order: Order): Promise<Answer> => {
    child.send(order);
    const answer = await answerOf(name, child);
    if ('failed' in answer) throw new Error(`${name}: ${answer.failed}`);
    return answer;
  };
  return {
    pid: child.pid ?? 0,
    facts: first.ready,
    async perform(task) {
      const answer = await ask({ perform: task });
      if (!('load' in answer)) throw new Error(`${name} gave no load`);
      return answer.load;
    },
    async counted() {
      const answer = await ask({ counted: true });
      return 'count' in answer ? answer.count : 0;
    },
    async end() {
      const timer = setTimeout(() => child.kill('SIGKILL'), endMs);
      if (child.connected) child.disconnect();
      await ended;
      clearTimeout(timer);
    },
  };
}

function answerOf(name: string, child: ChildProcess): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) => {
      child.off('message', onMessage);
      reject(new Error(`${name} ended with ${code ?? 'a signal'} before it answered`));
    };
    const onMessage = (answer: Answer) => {
      child.off('exit', onExit);
      resolve(answer);
    };
    child.once('message', onMessage as (message: unknown) => void);
    child.once('exit', onExit);
  });
}
