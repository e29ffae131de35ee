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
  return new Tables();
}

class Tables<Value extends object> implements ByPeer<Value> {
  count = 0;
  private readonly peers = new Map<NodeId, CorrelationTable<Value>>();
  // Frames of one peer mostly follow each other.
  private lastPeer: NodeId | undefined = undefined;
  private last: CorrelationTable<Value> | undefined = undefined;

  get(peer: NodeId, correlation: number): Value | undefined {
    return this.tableOf(peer)?.get(correlation);
  }

  set(peer: NodeId, correlation: number, value: Value): void {
    let table = this.tableOf(peer);
    if (table === undefined) {
      table = new CorrelationTable();
      this.peers.set(peer, table);
      this.last = table;
    }
    const before = table.size;
    table.set(correlation, value);
    this.count += table.size - before;
  }

  delete(peer: NodeId, correlation: number): void {
    const table = this.tableOf(peer);
    if (table?.delete(correlation) !== true) return;
    this.count -= 1;
    if (table.size > 0 || this.peers.size <= idlePeersMax) return;
    this.peers.delete(peer);
    this.lastPeer = this.last = undefined;
  }

  countOf(peer: NodeId): number {
    return this.tableOf(peer)?.size ?? 0;
  }

  of(peer: NodeId): Value[] {
    return this.tableOf(peer)?.inOrder() ?? [];
  }

  all(): Value[] {
    return [...this.peers.values()].flatMap((table) => table.values());
  }

  private tableOf(peer: NodeId): CorrelationTable<Value> | undefined {
    if (peer !== this.lastPeer) {
      this.last = this.peers.get(peer);
      this.lastPeer = peer;
    }
    return this.last;
  }
}
