import { spawn } from 'node:child_process';
import { closeSync, fstatSync, writeSync } from 'node:fs';
import { FogataError } from '../protocol/fogata-error.ts';
import { systemErrorCode } from '../runtime/system-error.ts';

/** The descriptor of `--ready-fd`, checked before anything starts. Throws FogataError `config`. */
export function readyDescriptor(text: string): number {
  const descriptor = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (descriptor < 3) {
    throw new FogataError(
      'config',
      `--ready-fd: expected the number of an open file, 3 or above, found ${JSON.stringify(text)}`,
    );
  }
  try {
    fstatSync(descriptor);
  } catch (error) {
    throw new FogataError('config', `--ready-fd: nothing is open as ${descriptor}`, { cause: error });
  }
  return descriptor;
}

/** Tells whoever waits on the descriptor, and closes it. That nobody waits any more is no failure. */
export function tellDescriptor(descriptor: number): void {
  try {
    writeSync(descriptor, 'READY=1\n');
    closeSync(descriptor);
  } catch {
    // The other side has gone.
  }
}

/** Node has no datagram Unix sockets: systemd's own program tells it. `failed` is told why it could not. */
export function tellSystemd(env: Readonly<Record<string, string | undefined>>, failed: (reason: string) => void): void {
  if (!env['NOTIFY_SOCKET']) return;
  const child = spawn('systemd-notify', ['--ready', `--pid=${process.pid}`], { stdio: 'ignore' });
  child.on('error', (error) => {
    failed(systemErrorCode(error) === 'ENOENT' ? 'systemd-notify is not installed: use Type=exec' : error.message);
  });
  child.on('exit', (code) => {
    if (code !== 0 && code !== null) failed(`systemd-notify exited with ${code}`);
  });
}
