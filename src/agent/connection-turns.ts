import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

interface Turns {
  current: ServerResponse;
  readonly waiting: Turn[];
}

interface Turn {
  readonly response: ServerResponse;
  readonly begin: () => void;
}

/**
 * The requests of one connection, each begun when the answer before it is complete. A client may send a thousand of them
 * in one packet: begun all at once they would hold a thousand streams and their windows, and Node tells those that are
 * not yet being answered nothing when the client goes away.
 */
export interface ConnectionTurns {
  /** Begins now, or when its turn comes; never when the connection is gone by then. */
  take(socket: Duplex, response: ServerResponse, begin: () => void): void;
  /** The answer that is awaited or under way on this connection. */
  current(socket: Duplex): ServerResponse | undefined;
}

export function connectionTurns(): ConnectionTurns {
  const connections = new WeakMap<Duplex, Turns>();

  function start(socket: Duplex, { response, begin }: Turn): void {
    response.once('close', () => next(socket));
    begin();
  }

  function next(socket: Duplex): void {
    const turns = connections.get(socket);
    const turn = socket.destroyed ? undefined : turns?.waiting.shift();
    if (turns === undefined || turn === undefined) {
      connections.delete(socket);
      return;
    }
    turns.current = turn.response;
    if (turns.waiting.length === 0) socket.resume();
    start(socket, turn);
  }

  return {
    take(socket, response, begin) {
      const turns = connections.get(socket);
      if (turns === undefined) {
        connections.set(socket, { current: response, waiting: [] });
        start(socket, { response, begin });
        return;
      }
      turns.waiting.push({ response, begin });
      // What has been read is in hand; no more is read until it has been answered.
      socket.pause();
    },
    current: (socket) => connections.get(socket)?.current,
  };
}
