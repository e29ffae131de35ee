import { spawn } from 'node:child_process';
import type { Message, Reply } from '../api/serve.ts';
import type { BodyValue } from '../protocol/body.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { bodyBytesMax } from '../protocol/limits.ts';
import { textOrBytes } from './message-arguments.ts';

/** Of what a command says on standard error, the end: the last line is the reason of a refusal. */
const errorBytesMax = 4_096;

/** Runs a shell command for each message it is given. None of the commands outlives this process, however that ends. */
export function commandRunner(command: string): (message: Message) => Promise<Reply> {
  const running = new Set<number>();
  process.once('exit', () => {
    for (const pid of running) endGroup(pid);
  });
  return (message) => runCommand(command, message, running);
}

/**
 * Runs a shell command for a message: the message in its environment, the body on standard input, the reply's body from
 * standard output. Rejects with FogataError `failed` when it does not exit with 0, and ends it when the caller gives up.
 */
function runCommand(command: string, message: Message, running: Set<number>): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, ...messageEnvironment(message) };
    // A group of its own, so that what the shell has started ends with it.
    const child = spawn(command, { shell: true, stdio: 'pipe', env, detached: process.platform !== 'win32' });
    const output: Buffer[] = [];
    let outputBytes = 0;
    let errorText = '';
    const { pid } = child;
    if (pid !== undefined) running.add(pid);
    const end = (): void => endGroup(pid);
    message.signal.addEventListener('abort', end, { once: true });
    child.stdout.on('data', (bytes: Buffer) => {
      outputBytes += bytes.length;
      if (outputBytes <= bodyBytesMax) output.push(bytes);
      else end();
    });
    child.stderr.on('data', (bytes: Buffer) => {
      errorText = (errorText + bytes.toString('utf8')).slice(-errorBytesMax);
    });
    // A command that does not read its input closes it: no failure of the command.
    child.stdin.on('error', () => undefined);
    child.stdin.end(inputOf(message.body));
    child.once('error', (error) => reject(new FogataError('failed', `cannot run the command: ${error.message}`)));
    child.once('close', (code, signal) => {
      message.signal.removeEventListener('abort', end);
      if (pid !== undefined) running.delete(pid);
      if (outputBytes > bodyBytesMax)
        reject(new FogataError('too-large', `the command wrote more than ${bodyBytesMax} bytes`));
      else if (code === 0) resolve(outputBytes === 0 ? {} : { body: textOrBytes(Buffer.concat(output)) });
      else reject(new FogataError('failed', failureText(code, signal, errorText)));
    });
  });
}

/** `FOGATA_PARAM_` and the parameter's name in capitals, whatever no variable can bear as `_`. */
export function messageEnvironment(message: Message): Readonly<Record<string, string>> {
  const { id, command, service, from, params } = message;
  const env: Record<string, string> = {
    FOGATA_ID: id,
    FOGATA_COMMAND: command,
    FOGATA_SERVICE: service,
    FOGATA_FROM_NODE: from.node,
    FOGATA_FROM_SERVICE: from.service,
  };
  for (const [name, value] of Object.entries(params)) {
    if (value.includes('\0'))
      throw new FogataError('invalid', `parameter ${JSON.stringify(name)} has a zero character`);
    env[`FOGATA_PARAM_${name.toUpperCase().replace(/[^A-Z0-9_]/g, '_')}`] = value;
  }
  return env;
}

function inputOf(body: BodyValue): string | Uint8Array {
  if (body === undefined) return '';
  return typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
}

function failureText(code: number | null, signal: string | null, errorText: string): string {
  const last = errorText.trim().split('\n').at(-1) ?? '';
  const how = code === null ? `the command was ended by ${signal ?? 'a signal'}` : `the command exited with ${code}`;
  return last === '' ? how : `${how}: ${last}`;
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGTERM');
  } catch {
    // It has ended by itself.
  }
}
