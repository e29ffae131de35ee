import { FogataError } from '../protocol/fogata-error.ts';
import { errorJson } from './error-json.ts';
import { ExitCode } from './exit-code.ts';

/** What cannot be written is for a verb that answers and ends the end of its work; one that stays has other work. */
export function endWithOutput(json: boolean): void {
  process.stdout.on('error', json ? onJsonOutputError : onOutputError);
  // What stands beside the answer must not undo it.
  process.stderr.on('error', () => undefined);
}

/** For what goes on without anybody who reads it: an agent outlives the terminal, the pipe and the disk it was started on. */
export function outliveOutput(): void {
  process.stdout.off('error', onOutputError).off('error', onJsonOutputError);
  process.stdout.on('error', () => undefined);
}

function onOutputError(error: NodeJS.ErrnoException): void {
  endUnwritten(error, (text) => `fogata: ${text}`);
}

function onJsonOutputError(error: NodeJS.ErrnoException): void {
  endUnwritten(error, (text) => errorJson(new FogataError('storage', text)));
}

function endUnwritten({ code, message }: NodeJS.ErrnoException, tell: (text: string) => string): void {
  // Whoever reads has enough, as in `fogata nodes | head -1`.
  if (code === 'EPIPE') process.exit(ExitCode.good);
  process.stderr.write(`${tell(`the answer cannot be written: ${message}`)}\n`);
  process.exit(ExitCode.failed);
}
