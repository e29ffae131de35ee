import type { Socket } from 'node:net';
import type { SecureContext, TLSSocket } from 'node:tls';
import { writeQueueBytes } from './socket-stream.ts';
import type { SecureDial, SecureListen } from './streams.ts';

/** [K6] With a PSK the suite's hash must be that of the PSK, SHA-256; the exchange of keys is fresh for each connection. */
const versions = { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3', ciphers: 'TLS_AES_128_GCM_SHA256' } as const;

/** A node without a key has no use for it, and is spared the memory. */
const tls = () => process.getBuiltinModule('node:tls');

/** The dialling side over a socket that may still be connecting. */
export function secureSocket(socket: Socket, { identity, psk }: SecureDial): TLSSocket {
  const options = {
    ...versions,
    socket,
    highWaterMark: writeQueueBytes,
    pskCallback: () => ({ identity, psk }),
    // Without certificates there is no name to check: that the secret is known is all the proof there is.
    checkServerIdentity: () => undefined,
  };
  return tls().connect(options);
}

export function acceptorContext(): SecureContext {
  return tls().createSecureContext(versions);
}

/** The accepting side. `onIdentity` is told which secret the other side names, before it is known whether it knows it. */
export function acceptedSecureSocket(
  socket: Socket,
  secureContext: SecureContext,
  secure: SecureListen,
  onIdentity: (identity: string) => void,
): TLSSocket {
  const options = {
    ...versions,
    isServer: true,
    secureContext,
    highWaterMark: writeQueueBytes,
    pskCallback(_socket: unknown, identity: string) {
      onIdentity(identity);
      return secure.pskOf(identity) ?? null;
    },
  };
  const { TLSSocket } = tls();
  return new TLSSocket(socket, options);
}
