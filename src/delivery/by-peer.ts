import type { NodeId } from '../protocol/ids.ts';

/** What is under way with each peer, by correlation. A peer with nothing under way costs nothing. */
export interface ByPeer<Value> {
  get(peer: NodeId, correlation: number): Value | undefined;
  /** Takes the place of what had that correlation. */
  set(peer: NodeId, correlation: number, value: Value): void;
  delete(peer: NodeId, correlation: number): void;
  countOf(peer: NodeId): number;
  /** A copy: what is done with one may change the table. */
  of(peer: NodeId): Value[];
  all(): Value[];
  readonly count: number;
}

export function createByPeer<Value>(): ByPeer<Value> {
  const peers = new Map<NodeId, Map<number, Value>>();
  let count = 0;
  return {
    get: (peer, correlation) => peers.get(peer)?.get(correlation),
    set(peer, correlation, value) {
      let ofPeer = peers.get(peer);
      if (ofPeer === undefined) {
        ofPeer = new Map();
        peers.set(peer, ofPeer);
      }
      const before = ofPeer.size;
      ofPeer.set(correlation, value);
      count += ofPeer.size - before;
    },
    delete(peer, correlation) {
      const ofPeer = peers.get(peer);
      if (ofPeer === undefined || !ofPeer.delete(correlation)) return;
      count -= 1;
      if (ofPeer.size === 0) peers.delete(peer);
    },
    countOf: (peer) => peers.get(peer)?.size ?? 0,
    of: (peer) => [...(peers.get(peer)?.values() ?? [])],
    all: () => [...peers.values()].flatMap((ofPeer) => [...ofPeer.values()]),
    get count() {
      return count;
    },
  };
}
