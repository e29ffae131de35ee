import type { Socket } from 'node:net';
import type { MeshStream, StreamEvents } from '../delivery/mesh-stream.ts';
import { resetSocket } from '../runtime/reset-socket.ts';
import { type ByteSlots, byteSink } from './byte-sink.ts';

/** What a stream tells once it is accepted. */
export type TunnelEvents = Pick<StreamEvents, 'onData' | 'onDrain' | 'onEnd' | 'onFinish' | 'onReset'>;

/**
 * Joins a socket and an accepted stream: raw bytes both ways, each half ended on its own. `early` is what the socket had
 * already brought. The socket must allow half-open, and its 'error' listener is the caller's.
 */
export function byteTunnel(
  socket: Socket,
  stream: MeshStream,
  slots: ByteSlots,
  early: readonly Uint8Array[],
): TunnelEvents {
  let isOver = false;
  const sink = byteSink(socket, slots, (count) => {
    if (!isOver) stream.consumed(count);
  });
  const pass = (bytes: Uint8Array): void => {
    if (!isOver && !stream.write(bytes)) socket.pause();
  };
  for (const bytes of early) if (bytes.length > 0) pass(bytes);
  socket.on('data', pass);
  socket.on('end', () => {
    if (!isOver) stream.end();
  });
  socket.on('close', () => {
    if (isOver) return;
    isOver = true;
    stream.reset('link-lost', 'the connection was closed');
  });
  return {
    onData: (bytes) => sink.write(bytes),
    onDrain: () => void socket.resume(),
    onEnd: () => void socket.end(),
    onFinish() {
      isOver = true;
    },
    onReset() {
      isOver = true;
      resetSocket(socket);
    },
  };
}
