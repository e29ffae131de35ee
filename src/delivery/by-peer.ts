import type { NodeId } from '../protocol/ids.ts';
import { CorrelationTable } from './correlation-table.ts';

/** What is under way with each peer, by correlation. */
export interface ByPeer<Value> {
  get(peer: NodeId, correlation: number): Value | undefined;
  /** Takes the place of what had that correlation. */
  set(peer: NodeId, correlation: number, value: Value): void;
  delete(peer: NodeId, correlation: number): void;
  countOf(peer: NodeId): number;
  /** A copy: what is done with one may change the table. In the order of their correlations. */
  of(peer: NodeId): Value[];
  /** A copy, in no order. */
  all(): Value[];
  readonly count: number;
}

/** So many peers may have an empty table: making one for each call would cost more than the call's place in it. */
const idlePeersMax = 64;

export function createByPeer<Value extends object>(): ByPeer<Value> {
  const peers = new Map<NodeId, CorrelationTable<Value>>();
  let count = 0;
  // Frames of one peer mostly follow each other.
  let lastPeer: NodeId | undefined;
  let last: CorrelationTable<Value> | undefined;

  function tableOf(peer: NodeId): CorrelationTable<Value> | undefined {
    if (peer !== lastPeer) {
      last = peers.get(peer);
      lastPeer = peer;
    }
    return last;
  }

  return {
    get: (peer, correlation) => tableOf(peer)?.get(correlation),
    set(peer, correlation, value) {
      let table = tableOf(peer);
      if (table === undefined) {
        table = new CorrelationTable();
        peers.set(peer, table);
        last = table;
      }
      const before = table.size;
      table.set(correlation, value);
      count += table.size - before;
    },
    delete(peer, correlation) {
      const table = tableOf(peer);
      if (table?.delete(correlation) !== true) return;
      count -= 1;
      if (table.size > 0 || peers.size <= idlePeersMax) return;
      peers.delete(peer);
      lastPeer = last = undefined;
    },
    countOf: (peer) => tableOf(peer)?.size ?? 0,
    of: (peer) => tableOf(peer)?.inOrder() ?? [],
    all: () => [...peers.values()].flatMap((table) => table.values()),
    get count() {
      return count;
    },
  };
}
