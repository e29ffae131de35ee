import { ExitCode } from './exit-code.ts';

/** What cannot be written is for a verb that answers and ends the end of its work; one that stays has other work. */
export function endWithOutput(): void {
  process.stdout.on('error', onOutputError);
  // What stands beside the answer must not undo it.
  process.stderr.on('error', () => undefined);
}

/** For what goes on without anybody who reads it: an agent outlives the terminal, the pipe and the disk it was started on. */
export function outliveOutput(): void {
  process.stdout.off('error', onOutputError);
  process.stdout.on('error', () => undefined);
}

function onOutputError(error: NodeJS.ErrnoException): void {
  // Whoever reads has enough, as in `fogata nodes | head -1`.
  if (error.code === 'EPIPE') process.exit(ExitCode.good);
  process.stderr.write(`fogata: the answer cannot be written: ${error.message}\n`);
  process.exit(ExitCode.failed);
}
