import { chmodSync, type Stats } from 'node:fs';
import { lstat, unlink } from 'node:fs/promises';
import { connect, type Server } from 'node:net';
import { systemError, systemErrorCode } from './system-error.ts';

/** What fits `sun_path` with its final zero, on the systems where it is shortest (104 bytes on BSD and macOS, 108 on Linux). */
const pathBytesMax = process.platform === 'linux' ? 107 : 103;

const ownerOnly = 0o600;

/** Throws `ENAMETOOLONG`: the system would cut the name off in silence. */
export function assertPathFits(path: string): void {
  if (Buffer.byteLength(path) > pathBytesMax) {
    throw systemError('ENAMETOOLONG', `a socket's path has at most ${pathBytesMax} bytes: ${path}`);
  }
}

/**
 * Listens at `path`, mode 0600 from the first moment. A socket file that nobody listens at is replaced; a live one is
 * `EADDRINUSE`, a file that is no socket `ENOTSOCK`. The file is removed when the server closes.
 */
export async function listenOnPath(server: Server, path: string): Promise<void> {
  assertPathFits(path);
  try {
    await bindPath(server, path);
  } catch (error) {
    if (systemErrorCode(error) !== 'EADDRINUSE' || !(await removeStale(path))) throw error;
    await bindPath(server, path);
  }
}

function bindPath(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (error: Error): void => reject(error);
    server.once('error', refuse);
    // The file is made within the call of listen(). Worker threads may not set the umask: there the mode follows at once.
    const { isMainThread } = process.getBuiltinModule('node:worker_threads');
    const umask = isMainThread ? process.umask(0o777 & ~ownerOnly) : undefined;
    try {
      server.listen({ path, exclusive: true }, () => {
        server.off('error', refuse);
        resolve();
      });
    } finally {
      if (umask !== undefined) process.umask(umask);
    }
    if (umask === undefined && server.listening) chmodSync(path, ownerOnly);
  });
}

/** True when a new attempt to bind makes sense. */
async function removeStale(path: string): Promise<boolean> {
  const before = await statOf(path);
  if (before === undefined) return true;
  if (!before.isSocket()) throw systemError('ENOTSOCK', `${path} is no socket`);
  if (await somebodyListens(path)) return false;
  // Another process may have replaced the file meanwhile: that one is alive and not ours to remove.
  const after = await statOf(path);
  if (after === undefined) return true;
  if (after.ino !== before.ino || after.ctimeMs !== before.ctimeMs) return false;
  await unlink(path);
  return true;
}

async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Anything but a plain refusal counts as somebody: a file is only removed when it is certain that it is stale. */
function somebodyListens(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect({ path });
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', (error) => {
      const code = systemErrorCode(error);
      resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT');
    });
  });
}
