import { connect, createServer, type OnReadOpts, type Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';

/** Where a reference listens. `psk` in hexadecimal: TLS 1.3 with that key, as between nodes. */
export interface RawPlace {
  readonly path?: string;
  readonly port?: number;
  readonly psk?: string;
}

const readBytes = 262_144;
const writeBytes = 262_144;

export interface RawPeer {
  readonly socket: Socket;
  onBytes: (chunk: Uint8Array) => void;
}

/**
 * Reads into a buffer of ours, again and again; not where what was read is passed on before it is written. Node lets only a
 * socket that dials do so: an accepted one reads as its `data` events come, and so does the reference.
 */
function readingOpts(peer: { onBytes: (chunk: Uint8Array) => void }): OnReadOpts {
  const buffer = new Uint8Array(readBytes);
  return {
    buffer,
    callback(count) {
      peer.onBytes(count === buffer.length ? buffer : buffer.subarray(0, count));
      return true;
    },
  };
}

const secured = (psk: string) =>
  ({
    highWaterMark: writeBytes,
    minVersion: 'TLSv1.3',
    ciphers: 'TLS_AES_128_GCM_SHA256',
    pskCallback: () => ({ psk: Buffer.from(psk, 'hex'), identity: 'bench' }),
  }) as const;

function peerOf(socket: Socket): RawPeer {
  const peer: RawPeer = { socket, onBytes: () => undefined };
  socket.on('data', (chunk) => peer.onBytes(chunk));
  socket.on('error', () => socket.destroy());
  return peer;
}

/** Resolves with the port (0 for a path). */
export function listenRaw(place: RawPlace, onPeer: (peer: RawPeer) => void): Promise<number> {
  const onSocket = (socket: Socket) => onPeer(peerOf(socket));
  const { psk } = place;
  const server =
    psk === undefined
      ? createServer({ noDelay: true, highWaterMark: writeBytes }, onSocket)
      : createTlsServer({ ...secured(psk), pskCallback: () => Buffer.from(psk, 'hex'), noDelay: true }, onSocket);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const where = place.path === undefined ? { host: '127.0.0.1', port: place.port ?? 0 } : { path: place.path };
    server.listen(where, () => {
      const bound = server.address();
      resolve(bound !== null && typeof bound === 'object' ? bound.port : 0);
    });
  });
}

export function dialRaw(place: RawPlace, owned = true): Promise<RawPeer> {
  const where = place.path === undefined ? { host: '127.0.0.1', port: place.port ?? 0 } : { path: place.path };
  return new Promise((resolve, reject) => {
    if (place.psk !== undefined) {
      const options = { ...where, ...secured(place.psk), checkServerIdentity: () => undefined };
      const socket = connectTls(options);
      socket.setNoDelay(true);
      socket.once('secureConnect', () => resolve(peerOf(socket)));
      socket.once('error', reject);
      return;
    }
    const peer = { onBytes: (_: Uint8Array): void => undefined };
    const options = { ...where, noDelay: true, writableHighWaterMark: writeBytes };
    const socket = connect(owned ? { ...options, onread: readingOpts(peer) } : options);
    socket.once('connect', () => resolve(owned ? Object.assign(peer, { socket }) : peerOf(socket)));
    socket.once('error', reject);
  });
}
