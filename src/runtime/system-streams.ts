import { connect, createServer, type Socket } from 'node:net';
import { acceptedStream, createReadBuffer } from './accepted-stream.ts';
import { createSecureDoor } from './secure-door.ts';
import { secureSocket } from './secure-socket.ts';
import { secureStream } from './secure-stream.ts';
import { socketOptions, systemStream, writeQueueBytes } from './socket-stream.ts';
import type {
  ByteStream,
  ListenAddress,
  SecureDial,
  SecureListen,
  StreamAddress,
  StreamListener,
  Streams,
} from './streams.ts';
import { asError } from './system-error.ts';
import { assertPathFits, listenOnPath } from './unix-socket-file.ts';

/** What one read may bring: four frames of bulk, most of which then need not be put together from two reads. */
const readBufferBytes = 262_144;

/** TCP and Unix sockets of this machine. */
export function systemStreams(): Streams {
  const buffer = createReadBuffer(readBufferBytes);
  return {
    listen: (where, onStream, secure) => listenForStreams(buffer, where, onStream, secure),
    connect: (where, secure) => connectStream(buffer, where, secure),
  };
}

async function listenForStreams(
  buffer: Uint8Array,
  where: ListenAddress,
  onStream: (stream: ByteStream, identity: string | undefined) => void,
  secure?: SecureListen,
): Promise<StreamListener> {
  const door = secure === undefined ? undefined : createSecureDoor(secure, buffer, onStream);
  const server = createServer({ ...socketOptions, highWaterMark: writeQueueBytes }, (socket) => {
    const remote = 'path' in where ? where : remoteOf(socket);
    if (door === undefined) onStream(acceptedStream(socket, remote, buffer), undefined);
    else door.accept(socket, remote);
  });
  if ('path' in where) {
    await listenOnPath(server, where.path);
  } else {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ ...bindOptions(where), exclusive: true }, () => {
        server.off('error', reject);
        resolve();
      });
    });
  }
  // A failed accept concerns the one connection that was not accepted.
  server.on('error', () => undefined);
  const bound = server.address();
  const isPath = bound === null || typeof bound === 'string';
  const local = isPath ? { path: bound ?? '' } : { address: bound.address, port: bound.port };
  return {
    local,
    close() {
      server.close();
      door?.close();
    },
  };
}

/**
 * Of an IPv6 literal Node checks that it is one, by a regular expression so large that compiling it takes a tenth of the
 * processor time until a node knows the others. One socket on every address, of both families, names none.
 */
function bindOptions(where: Exclude<ListenAddress, { path: string }>) {
  if (!('address' in where)) return { port: where.port };
  return { host: where.address, port: where.port, ipv6Only: where.address.includes(':') };
}

function connectStream(buffer: Uint8Array, where: StreamAddress, secure?: SecureDial): ByteStream {
  return secure === undefined ? connectPlain(buffer, where) : connectSecure(buffer, where, secure);
}

function connectSecure(buffer: Uint8Array, where: StreamAddress, secure: SecureDial): ByteStream {
  try {
    if ('path' in where) assertPathFits(where.path);
    const to = 'path' in where ? where : { host: where.address, port: where.port, autoSelectFamily: false };
    const socket = connect({ ...socketOptions, ...to });
    return secureStream(secureSocket(socket, secure), where, socket, buffer);
  } catch (error) {
    return stillborn(where, asError(error));
  }
}

function connectPlain(buffer: Uint8Array, where: StreamAddress): ByteStream {
  let onBytes = (_bytes: Uint8Array): void => undefined;
  const onread = {
    buffer,
    callback(count: number): boolean {
      onBytes(buffer.subarray(0, count));
      return true;
    },
  };
  try {
    const options = { ...socketOptions, onread, writableHighWaterMark: writeQueueBytes };
    if ('path' in where) assertPathFits(where.path);
    const socket =
      'path' in where
        ? connect({ ...options, path: where.path })
        : connect({ ...options, host: where.address, port: where.port, autoSelectFamily: false });
    const dialled = systemStream(socket, where);
    onBytes = dialled.onBytes;
    return dialled.stream;
  } catch (error) {
    return stillborn(where, asError(error));
  }
}

/** How a socket of both families shows an IPv4 address. */
const mappedPrefix = '::ffff:';

function remoteOf(socket: Socket): StreamAddress {
  // A peer that reset the connection before it was accepted has no address any more.
  const { remoteAddress = '0.0.0.0', remotePort = 0 } = socket;
  const isMapped = remoteAddress.startsWith(mappedPrefix) && remoteAddress.includes('.');
  return { address: isMapped ? remoteAddress.slice(mappedPrefix.length) : remoteAddress, port: remotePort };
}

/** A dial that failed before there was a socket (port out of range): it says so as every other failed dial does. */
function stillborn(remote: StreamAddress, error: Error): ByteStream {
  return {
    remote,
    queuedBytes: 0,
    start: (events) => queueMicrotask(() => events.onClose(error)),
    write: () => true,
    writeBoth: () => true,
    gather: () => undefined,
    together: (write) => write(),
    pause: () => undefined,
    resume: () => undefined,
    end: () => undefined,
    destroy: () => undefined,
  };
}
