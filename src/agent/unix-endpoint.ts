import type { Server as HttpServer } from 'node:http';
import type { Socket } from 'node:net';
import { FogataError } from '../protocol/fogata-error.ts';
import { programsMax } from '../protocol/limits.ts';
import { acceptedStream, createReadBuffer } from '../runtime/accepted-stream.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { ByteStream } from '../runtime/streams.ts';
import { systemErrorCode } from '../runtime/system-error.ts';
import { lastingSocket } from './lasting-socket.ts';

/** Who connects and says nothing is closed after this time, as on a link ([F1]). */
const firstByteTimeoutMs = 5_000;

/** What one read may bring: a program that has to wait is let go on with no more than that. */
const readBufferBytes = 65_536;

/** Connections of programs and of HTTP clients together. */
const connectionsMax = 2 * programsMax;

export interface UnixEndpointOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly path: string;
  readonly onProgram: (stream: ByteStream) => void;
  /** Takes the connections that speak HTTP. It need not listen anywhere. */
  readonly http: HttpServer;
}

export interface UnixEndpoint {
  /** Whether a connection came by the socket file, so from the agent's own user. */
  has(socket: object): boolean;
  /** Accepts no more and removes the socket's file. Connections live on. */
  close(): void;
}

/**
 * The socket file where programs reach the agent, by frames or by HTTP: the first byte tells. A frame begins with its
 * length, which is below 2^24, hence with a zero; HTTP begins with a letter. Throws FogataError.
 */
export async function listenOnUnix(options: UnixEndpointOptions): Promise<UnixEndpoint> {
  const { path, clock, log } = options;
  const connections = new WeakSet();
  const buffer = createReadBuffer(readBufferBytes);
  const accept = (socket: Socket): void => {
    connections.add(socket);
    sniff(socket, clock, (isFrame) => {
      if (isFrame) {
        options.onProgram(acceptedStream(socket, { path }, buffer));
        return;
      }
      options.http.emit('connection', socket);
      socket.resume();
    });
  };
  try {
    const socket = await lastingSocket({ clock, log, path, connectionsMax, accept });
    return { has: (one) => connections.has(one), close: () => socket.close() };
  } catch (error) {
    throw listenFailure(path, error);
  }
}

/** Waits for the first bytes and puts them back. */
function sniff(socket: Socket, clock: Clock, decide: (isFrame: boolean) => void): void {
  const timer = clock.schedule(firstByteTimeoutMs, () => socket.destroy());
  const drop = (): void => {
    timer.cancel();
    socket.destroy();
  };
  socket.on('error', drop);
  socket.once('end', drop);
  socket.once('data', (bytes: Buffer) => {
    timer.cancel();
    socket.off('error', drop);
    socket.off('end', drop);
    socket.pause();
    socket.unshift(bytes);
    decide(bytes[0] === 0);
  });
}

function listenFailure(path: string, error: unknown): FogataError {
  const code = systemErrorCode(error);
  const options = { cause: error };
  switch (code) {
    case 'EADDRINUSE':
      return new FogataError(
        'address-in-use',
        `${path}: another agent listens there already; stop it, or give this one its own --socket and --data`,
        options,
      );
    case 'ENOTSOCK':
      return new FogataError(
        'config',
        `${path}: something that is no socket has this name; give another --socket`,
        options,
      );
    case 'ENAMETOOLONG':
      return new FogataError(
        'config',
        `${path}: too long for a socket (107 bytes at most); give a shorter --socket`,
        options,
      );
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'ENOENT':
      return new FogataError('config', `${path}: the socket cannot be made there; give another --socket`, options);
    default:
      return new FogataError(
        'config',
        `${path}: the socket cannot be made: ${error instanceof Error ? error.message : String(error)}`,
        options,
      );
  }
}
