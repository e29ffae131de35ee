import { fnv1a32 } from './fnv.ts';
import type { NodeId } from './ids.ts';
import { Writer } from './writer.ts';

/**
 * What one member that is alive, degraded or suspect adds to the view digest by XOR [M9]: FNV-1a 32 of its id (8 bytes),
 * incarnation (8) and record version (4), as on the wire.
 */
export function viewDigestTerm(id: NodeId, incarnation: number, recordVersion: number): number {
  const writer = new Writer(20, 20);
  writer.nodeId(id);
  writer.u64(incarnation);
  writer.u32(recordVersion);
  return fnv1a32(writer.bytes);
}
