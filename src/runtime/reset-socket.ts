import type { Socket } from 'node:net';

/**
 * Breaks a connection off so that its other side sees it: an end in order would say that what came was all. Only TCP knows
 * a reset; any other socket is closed.
 */
export function resetSocket(socket: Socket): void {
  if (socket.remoteAddress === undefined || socket.destroyed) socket.destroy();
  else socket.resetAndDestroy();
}
