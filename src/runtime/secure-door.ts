import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { handshakeError } from './handshake-error.ts';
import { acceptedSecureSocket, acceptorContext } from './secure-socket.ts';
import { secureStream } from './secure-stream.ts';
import type { ByteStream, SecureListen, StreamAddress } from './streams.ts';

/** Who is honest needs two round trips. */
const handshakeTimeoutMs = 5_000;

/** Handshakes under way: of a flood of connections that say nothing the oldest give way. */
const handshakesMax = 256;

/** Where accepted connections prove that they know a secret, before anybody hears of them. */
export interface SecureDoor {
  accept(socket: Socket, remote: StreamAddress): void;
  close(): void;
}

/** `buffer`: as of a secure stream. */
export function createSecureDoor(
  secure: SecureListen,
  buffer: Uint8Array,
  onStream: (stream: ByteStream, identity: string | undefined) => void,
): SecureDoor {
  const context = acceptorContext();
  const waiting = new Map<TLSSocket, (reason: string) => void>();

  function accept(socket: Socket, remote: StreamAddress): void {
    let identity = '';
    const tls = acceptedSecureSocket(socket, context, secure, (named) => {
      identity = named;
    });
    const timer = setTimeout(() => refuse('handshake-timeout'), handshakeTimeoutMs);

    function settle(): boolean {
      clearTimeout(timer);
      return waiting.delete(tls);
    }

    function refuse(reason: string): void {
      if (!settle()) return;
      secure.onRefused(reason);
      socket.destroy();
      tls.destroy();
    }

    for (const [, giveWay] of waiting) {
      if (waiting.size < handshakesMax) break;
      giveWay('too-many-handshakes');
    }
    waiting.set(tls, refuse);
    socket.on('error', () => refuse('connection-lost'));
    tls.on('error', (error: Error) => refuse(handshakeError(error).message));
    tls.once('close', () => refuse('closed-in-handshake'));
    tls.once('secure', () => {
      if (!settle()) return;
      const stream = secureStream(tls, remote, socket, buffer);
      // Until the owner takes the events nothing flows, so that no byte is lost.
      tls.pause();
      onStream(stream, identity);
    });
  }

  return {
    accept,
    close() {
      for (const [, giveWay] of waiting) giveWay('closed');
    },
  };
}
