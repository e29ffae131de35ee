import type { NodeId } from '../protocol/ids.ts';
import { readNodeId } from '../protocol/ids.ts';

/** Where the kinds of datagrams [D5] name their author: a beacon after its versions, probes after their sequence, gossip at once. */
const authorOffsets: readonly (number | undefined)[] = [undefined, 3, 5, 5, 5, 5, 1];

const beaconKind = 1;
/** After kind, versions, id, incarnation, sequence and flags. */
const beaconPortOffset = 24;

/** Who wrote an authentic payload; `undefined` when it does not say. */
export function payloadAuthor(payload: Uint8Array): NodeId | undefined {
  const at = authorOffsets[payload[0] ?? 0];
  return at === undefined || payload.length < at + 8 ? undefined : readNodeId(payload, at);
}

/** A beacon leaves from another port than its node's, and names that one. */
export function payloadNodePort(payload: Uint8Array): number | undefined {
  if (payload[0] !== beaconKind || payload.length < beaconPortOffset + 2) return undefined;
  return ((payload[beaconPortOffset] as number) << 8) | (payload[beaconPortOffset + 1] as number);
}
