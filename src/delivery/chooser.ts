import type { NodeId } from '../protocol/ids.ts';

/** What this node notes about one instance while it uses it. */
export interface InstanceTrack {
  /** Exchanges and streams from here that have not ended. */
  inFlight: number;
  /** Monotonic milliseconds of the last failure to reach it; -Infinity when there was none. */
  failedAt: number;
}

/** An instance that was chosen. */
export interface Chosen {
  readonly node: NodeId;
  readonly name: string;
  readonly track: InstanceTrack;
}

/** What an instance must be able to take. */
export type WorkKind = 'messages' | 'http';

/** Knows the instances of each service and picks one. */
export interface Chooser {
  /** The best instance not in `avoid`; undefined when there is none. `nodePart` restricts to nodes of that name or id. */
  choose(service: string, nodePart: string, kind: WorkKind, avoid: ReadonlySet<NodeId>): Chosen | undefined;
  /** Every instance that may take work, in no order. */
  every(service: string, kind: WorkKind): readonly Chosen[];
  nameOf(node: NodeId): string;
  /** A reply told the instance's load. */
  noteLoad(node: NodeId, service: string, load: number): void;
}
