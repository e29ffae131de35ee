import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** Of one connection, for as long as it is there. */
interface Turns {
  current: ServerResponse | undefined;
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

  function turnsOf(socket: Duplex): Turns {
    const known = connections.get(socket);
    if (known !== undefined) return known;
    const turns: Turns = { current: undefined, waiting: [] };
    connections.set(socket, turns);
    return turns;
  }

  function start(socket: Duplex, turns: Turns, { response, begin }: Turn): void {
    turns.current = response;
    response.on('close', () => {
      if (turns.current === response) next(socket, turns);
    });
    begin();
  }

  function next(socket: Duplex, turns: Turns): void {
    turns.current = undefined;
    if (socket.destroyed) turns.waiting.length = 0;
    const turn = turns.waiting.shift();
    if (turn === undefined) return;
    if (turns.waiting.length === 0) socket.resume();
    start(socket, turns, turn);
  }

  return {
    take(socket, response, begin) {
      const turns = turnsOf(socket);
      if (turns.current === undefined) {
        start(socket, turns, { response, begin });
        return;
      }
      turns.waiting.push({ response, begin });
      // What has been read is in hand; no more is read until it has been answered.
      socket.pause();
    },
    current: (socket) => connections.get(socket)?.current,
  };
}
