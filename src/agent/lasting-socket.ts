import { lstat } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import type { Clock, Timer } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import { makeDirectory } from '../runtime/make-directory.ts';
import { systemErrorCode } from '../runtime/system-error.ts';
import { listenOnPath } from '../runtime/unix-socket-file.ts';

/** How often it is looked whether the file is there: soon enough for people, and next to nothing. */
const lookIntervalMs = 1_000;

export interface LastingSocketOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly path: string;
  readonly connectionsMax: number;
  /** Gets each connection, half-open ones included. */
  readonly accept: (socket: Socket) => void;
}

/** A socket file that is made again when somebody has removed it: clean-up jobs do, and so does the end of a login session. */
export interface LastingSocket {
  /** Accepts no more and removes the file. Connections live on. */
  close(): void;
}

/** Rejects with the system's error when the file cannot be made now; later it tries again every second. */
export async function lastingSocket(options: LastingSocketOptions): Promise<LastingSocket> {
  const { clock, log, path } = options;
  let server = await listen(options);
  let timer: Timer | undefined;
  let isClosed = false;
  let lastFailure = '';

  async function look(): Promise<void> {
    if (!(await isGone(path)) || isClosed) return;
    // The old one first: when it is closed it removes whatever has its name.
    server.close();
    try {
      const next = await listen(options);
      if (isClosed) next.close();
      server = next;
      lastFailure = '';
      log.info('the socket file was gone, and is made again', { path });
    } catch (error) {
      const failure = String(error);
      if (failure !== lastFailure) log.warn('the socket file is gone, and cannot be made again', { path, error });
      lastFailure = failure;
    }
  }

  function watch(): void {
    timer = clock.schedule(lookIntervalMs, () => {
      void look().then(() => {
        if (!isClosed) watch();
      });
    });
  }

  watch();
  return {
    close() {
      isClosed = true;
      timer?.cancel();
      server.close();
    },
  };
}

async function listen({ path, accept, connectionsMax }: LastingSocketOptions): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, accept);
  server.maxConnections = connectionsMax;
  await makeDirectory(dirname(path), 0o700);
  await listenOnPath(server, path);
  // A failed accept concerns the one connection that was not accepted.
  server.on('error', () => undefined);
  return server;
}

/** Somebody else's file of that name is none of this agent's business; nor is one that it may not see. */
async function isGone(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return false;
  } catch (error) {
    const code = systemErrorCode(error);
    return code === 'ENOENT' || code === 'ENOTDIR';
  }
}
