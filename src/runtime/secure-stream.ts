import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { readInto } from './read-into.ts';
import { systemStream } from './socket-stream.ts';
import type { ByteStream, StreamAddress } from './streams.ts';

/**
 * The stream of a socket that speaks TLS over `raw`. Each record that is opened is handed over in `buffer`, which may serve
 * any number of streams. Node allocates for each of its own accord, and that takes as long as opening it.
 */
export function secureStream(tls: TLSSocket, remote: StreamAddress, raw: Socket, buffer: Uint8Array): ByteStream {
  const { stream, onBytes } = systemStream(tls, remote, raw);
  tls.on('data', (bytes: Buffer | string) => {
    if (typeof bytes !== 'string') onBytes(bytes);
  });
  readInto(tls, buffer, (count) => {
    const bytes = buffer.subarray(0, count);
    // What had been read of the connection when its reader paused is opened all the same, and waits its turn.
    if (tls.readableFlowing === true && tls.readableLength === 0) onBytes(bytes);
    else tls.push(Buffer.from(bytes));
  });
  return stream;
}
