import { connect, createServer, isIPv6, type Socket } from 'node:net';
import type { ByteStream, StreamAddress, StreamEvents, StreamListener, Streams } from './streams.ts';
import { asError, systemError } from './system-error.ts';
import { assertPathFits, listenOnPath } from './unix-socket-file.ts';

/** What one read may bring: with less, a busy link needs more system calls; with more, the bytes leave the CPU's cache. */
const readBufferBytes = 65_536;

/** `write` returns false above this: four 64 KiB slabs, so that one slab under way does not yet stop the writer. */
const writeQueueBytes = 262_144;

const socketOptions = { allowHalfOpen: true, noDelay: true } as const;

/** TCP and Unix sockets of this machine. */
export function systemStreams(): Streams {
  return { listen: listenForStreams, connect: connectStream };
}

async function listenForStreams(where: StreamAddress, onStream: (stream: ByteStream) => void): Promise<StreamListener> {
  const server = createServer({ ...socketOptions, highWaterMark: writeQueueBytes }, (socket) => {
    onStream(acceptedStream(socket, 'path' in where ? where : remoteOf(socket)));
  });
  if ('path' in where) {
    await listenOnPath(server, where.path);
  } else {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      const ipv6Only = isIPv6(where.address);
      server.listen({ host: where.address, port: where.port, exclusive: true, ipv6Only }, () => {
        server.off('error', reject);
        resolve();
      });
    });
  }
  // A failed accept concerns the one connection that was not accepted.
  server.on('error', () => undefined);
  const bound = server.address();
  const local = bound !== null && typeof bound === 'object' ? { address: bound.address, port: bound.port } : where;
  return {
    local,
    close() {
      server.close();
    },
  };
}

/**
 * The stream of a connected socket, opened with `allowHalfOpen`, of which nobody else reads any more. What was read too
 * much has been put back with `unshift`.
 */
export function acceptedStream(socket: Socket, remote: StreamAddress): ByteStream {
  const accepted = systemStream(socket, remote);
  socket.on('data', (bytes) => {
    if (typeof bytes !== 'string') accepted.onBytes(bytes);
  });
  // Until the owner takes the events nothing flows, so that no byte is lost.
  socket.pause();
  return accepted.stream;
}

function connectStream(where: StreamAddress): ByteStream {
  const buffer = new Uint8Array(readBufferBytes);
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

function remoteOf(socket: Socket): StreamAddress {
  // A peer that reset the connection before it was accepted has no address any more.
  return { address: socket.remoteAddress ?? '0.0.0.0', port: socket.remotePort ?? 0 };
}

interface OwnedStream {
  readonly stream: ByteStream;
  readonly onBytes: (bytes: Uint8Array) => void;
}

function systemStream(socket: Socket, remote: StreamAddress): OwnedStream {
  let events: StreamEvents | undefined;
  let failure: Error | undefined;
  let remoteEnded = false;
  let localEnded = false;
  // Attached before anything can happen: an 'error' nobody listens to ends the process.
  socket.on('error', (error) => {
    failure ??= error;
  });
  const stream: ByteStream = {
    remote,
    start(given) {
      events = given;
      socket.on('connect', () => given.onConnect());
      socket.on('drain', () => given.onDrain());
      socket.on('end', () => {
        remoteEnded = true;
        given.onEnd();
      });
      socket.on('close', () => {
        const inOrder = remoteEnded && localEnded;
        given.onClose(failure ?? (inOrder ? undefined : systemError('ECONNABORTED', 'destroyed on this side')));
      });
      socket.resume();
    },
    write(bytes) {
      return localEnded || socket.destroyed ? true : socket.write(bytes);
    },
    get queuedBytes() {
      return socket.writableLength;
    },
    pause() {
      socket.pause();
    },
    resume() {
      socket.resume();
    },
    end() {
      if (localEnded || socket.destroyed) return;
      localEnded = true;
      socket.end();
    },
    destroy() {
      // A reset tells the other side that bytes may be missing. It is not for dials, half-closed or Unix sockets.
      const halfClosed = localEnded && socket.writableLength === 0;
      const canReset = !('path' in remote) && !socket.connecting && !halfClosed && !socket.destroyed;
      if (canReset) socket.resetAndDestroy();
      else socket.destroy();
    },
  };
  return { stream, onBytes: (bytes) => events?.onData(bytes) };
}

/** A dial that failed before there was a socket (port out of range): it says so as every other failed dial does. */
function stillborn(remote: StreamAddress, error: Error): ByteStream {
  return {
    remote,
    queuedBytes: 0,
    start: (events) => queueMicrotask(() => events.onClose(error)),
    write: () => true,
    pause: () => undefined,
    resume: () => undefined,
    end: () => undefined,
    destroy: () => undefined,
  };
}
