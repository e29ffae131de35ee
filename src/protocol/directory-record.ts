import type { NodeId } from './ids.ts';
import type { ServiceEntry } from './service-entry.ts';

/** What a node says it offers. It alone writes it; all else is copies, ordered by (incarnation, version) [R1]. */
export interface DirectoryRecord {
  readonly id: NodeId;
  readonly incarnation: number;
  readonly version: number;
  readonly services: readonly ServiceEntry[];
}
