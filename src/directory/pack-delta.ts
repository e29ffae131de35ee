import { encodeItem } from '../protocol/gossip-item.ts';
import type { NodeId } from '../protocol/ids.ts';
import { deltaItemsMax, frameBytesMax, frameBytesMin } from '../protocol/limits.ts';
import type { RawItem } from '../protocol/raw-item.ts';
import { type Delta, deltaItemBytes } from '../protocol/sync.ts';

/** A delta as it goes into one frame. */
export interface PackedDelta {
  readonly items: readonly RawItem[];
  readonly wanted: readonly NodeId[];
}

/** Type and both counts of a delta. */
const deltaHeadBytes = 7;

const idBytes = 8;

/** [S3] In order. What is wanted goes with the first; a delta that says nothing is none. */
export function packDelta(delta: Delta, bytesMax: number = frameBytesMax - frameBytesMin): PackedDelta[] {
  const packed: PackedDelta[] = [];
  let items: RawItem[] = [];
  let { wanted } = delta;
  let bytes = deltaHeadBytes + idBytes * wanted.length;
  function close(): void {
    if (items.length + wanted.length > 0) packed.push({ items, wanted });
    items = [];
    wanted = [];
    bytes = deltaHeadBytes;
  }
  for (const item of delta.items) {
    const raw = encodeItem(item);
    if (bytes + deltaItemBytes(raw) > bytesMax || items.length === deltaItemsMax) close();
    items.push(raw);
    bytes += deltaItemBytes(raw);
  }
  close();
  return packed;
}
