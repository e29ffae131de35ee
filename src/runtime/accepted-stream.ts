import type { Socket } from 'node:net';
import { readInto } from './read-into.ts';
import { systemStream } from './socket-stream.ts';
import type { ByteStream, StreamAddress } from './streams.ts';

/** `bytes`: what one read may bring. Who stops reading still gets that much. */
export function createReadBuffer(bytes: number): Uint8Array {
  // No Buffer: its slice() is a view, and what is kept of a frame would change with the next read.
  return new Uint8Array(bytes);
}

/**
 * The stream of a connected socket, opened with `allowHalfOpen`, of which nobody else reads any more. What was read too
 * much has been put back with `unshift`. `buffer` may serve any number of streams: a read and the handing over of what it
 * brought are one step that nothing comes between. Without it each read allocates what it brings.
 */
export function acceptedStream(socket: Socket, remote: StreamAddress, buffer?: Uint8Array): ByteStream {
  const accepted = systemStream(socket, remote);
  socket.on('data', (bytes) => {
    if (typeof bytes !== 'string') accepted.onBytes(bytes);
  });
  // Until the owner takes the events nothing flows, so that no byte is lost.
  socket.pause();
  if (buffer !== undefined) {
    readInto(socket, buffer, (count) => accepted.onBytes(buffer.subarray(0, count)));
  }
  return accepted.stream;
}
