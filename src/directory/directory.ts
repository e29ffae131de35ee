import type { DirectoryRecord } from '../protocol/directory-record.ts';
import type { NodeId } from '../protocol/ids.ts';
import type { ServiceEntry } from '../protocol/service-entry.ts';

/** One provider of a service. */
export interface Instance {
  readonly node: NodeId;
  readonly entry: ServiceEntry;
}

/** For those who watch a service. `previous` is undefined when it is new, `entry` when it is gone. */
export interface DirectoryChange {
  readonly service: string;
  readonly node: NodeId;
  readonly previous: ServiceEntry | undefined;
  readonly entry: ServiceEntry | undefined;
}

/**
 * Which service runs where: this node's own record and copies of the others'. It knows nothing of who is alive; whoever
 * looks up asks the membership too, because a record of a node that is dead counts for nothing [R4].
 */
export interface Directory {
  own(): DirectoryRecord;
  /** Replaces all own services. Returns the record under its next version, the same one where nothing differs. */
  setServices(services: readonly ServiceEntry[]): DirectoryRecord;
  /** The own record under a raised incarnation [M3], its version unchanged. */
  setIncarnation(incarnation: number): DirectoryRecord;
  /** [R1] Takes a copy if it is newer than the held one. Returns whether it was. What is said of this node is ignored. */
  merge(record: DirectoryRecord): boolean;
  get(id: NodeId): DirectoryRecord | undefined;
  /** This node's own included. */
  records(): Iterable<DirectoryRecord>;
  /** Version held of that incarnation of it; 0 none, which is also so when only a record of another incarnation is held. */
  heldVersion(id: NodeId, incarnation: number): number;
  /** This node's own included, in order of ids. */
  lookup(service: string): readonly Instance[];
  /** Names with at least one instance, sorted. */
  services(): readonly string[];
  forget(id: NodeId): void;
  /** Changes since the last drain, in order. */
  drain(): DirectoryChange[];
}
