import type { Socket } from 'node:net';
import { handshakeError } from './handshake-error.ts';
import type { ByteStream, StreamAddress, StreamEvents } from './streams.ts';
import { systemError } from './system-error.ts';
import { nextTurn } from './turn.ts';

/** `write` returns false above this: four 64 KiB slabs, so that one slab under way does not yet stop the writer. */
export const writeQueueBytes = 262_144;

/** So much is gathered at most: what lies here does not move yet. */
export const gatheredBytesMax = 524_288;

/** So many writes are gathered at most: the other side works on these while this one makes more, on another processor. */
export const gatheredWritesMax = 8;

export const socketOptions = { allowHalfOpen: true, noDelay: true } as const;

export interface OwnedStream {
  readonly stream: ByteStream;
  readonly onBytes: (bytes: Uint8Array) => void;
}

/**
 * A socket as a stream. `raw` is the TCP socket below one that speaks TLS, whose failures before the handshake's end are
 * told as what they mean.
 */
export function systemStream(socket: Socket, remote: StreamAddress, raw: Socket = socket): OwnedStream {
  const isSecure = raw !== socket;
  let events: StreamEvents | undefined;
  let failure: Error | undefined;
  let remoteEnded = false;
  let localEnded = false;
  let isSecured = !isSecure;
  let destroyed = false;
  let isGathering = false;
  let gatheredWrites = 0;
  let isTurnAwaited = false;
  // Attached before anything can happen: an 'error' nobody listens to ends the process.
  socket.on('error', (error) => {
    failure ??= isSecure ? handshakeError(error) : error;
  });
  if (isSecure) {
    socket.once('secure', () => {
      isSecured = true;
    });
    raw.on('error', (error) => {
      failure ??= error;
    });
  }

  function closeError(): Error | undefined {
    if (remoteEnded && localEnded) return undefined;
    if (isSecured || destroyed) return systemError('ECONNABORTED', 'destroyed on this side');
    return systemError('ECONNRESET', 'closed in the TLS handshake: the other side has no key, or another one');
  }

  function passOn(): void {
    isGathering = false;
    socket.uncork();
  }

  function countGathered(): void {
    gatheredWrites++;
    if (gatheredWrites >= gatheredWritesMax || socket.writableLength >= gatheredBytesMax) passOn();
  }

  function onTurnEnd(): void {
    isTurnAwaited = false;
    if (isGathering) passOn();
  }

  const stream: ByteStream = {
    remote,
    start(given) {
      events = given;
      socket.on(isSecure ? 'secureConnect' : 'connect', () => given.onConnect());
      socket.on('drain', () => given.onDrain());
      socket.on('end', () => {
        remoteEnded = true;
        given.onEnd();
      });
      socket.on('close', () => {
        given.onClose(failure ?? closeError());
      });
      socket.resume();
    },
    write(bytes) {
      if (localEnded || socket.destroyed) return true;
      const room = socket.write(bytes);
      if (isGathering) countGathered();
      return room;
    },
    writeBoth(first, second) {
      if (localEnded || socket.destroyed) return true;
      socket.cork();
      socket.write(first);
      const room = socket.write(second);
      socket.uncork();
      if (isGathering) countGathered();
      return room;
    },
    gather() {
      if (isGathering || localEnded || socket.destroyed) return;
      isGathering = true;
      gatheredWrites = 0;
      socket.cork();
      if (isTurnAwaited) return;
      isTurnAwaited = true;
      nextTurn(onTurnEnd);
    },
    together(write) {
      socket.cork();
      write();
      socket.uncork();
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
      destroyed = true;
      // A reset tells the other side that bytes may be missing. It is not for dials, half-closed or Unix sockets.
      const halfClosed = localEnded && socket.writableLength === 0;
      const canReset = !('path' in remote) && !raw.connecting && !halfClosed && !raw.destroyed;
      if (canReset) raw.resetAndDestroy();
      else socket.destroy();
    },
  };
  return { stream, onBytes: (bytes) => events?.onData(bytes) };
}
