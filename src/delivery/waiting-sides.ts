import type { NodeId } from '../protocol/ids.ts';
import type { StreamSide } from './stream-side.ts';

/** Sides of streams that have bytes for a link without room: each is served in the order in which it began to wait. */
export interface WaitingSides {
  add(peer: NodeId, side: StreamSide): void;
  /** The link has room: as many go on as it takes, and those behind them are first the next time. */
  drain(peer: NodeId): void;
  forget(peer: NodeId): void;
}

export function createWaitingSides(): WaitingSides {
  const byPeer = new Map<NodeId, Set<StreamSide>>();

  function add(peer: NodeId, side: StreamSide): void {
    let sides = byPeer.get(peer);
    if (sides === undefined) {
      sides = new Set();
      byPeer.set(peer, sides);
    }
    sides.add(side);
  }

  return {
    add,
    drain(peer) {
      const sides = byPeer.get(peer);
      if (sides === undefined) return;
      for (const side of sides) {
        sides.delete(side);
        if (side.isOver()) continue;
        side.onLinkDrain();
        // It has put itself at the end again: there is no more room.
        if (side.isPressed()) return;
      }
      if (sides.size === 0) byPeer.delete(peer);
    },
    forget: (peer) => void byPeer.delete(peer),
  };
}
