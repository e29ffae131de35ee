import { type Beacon, readBeacon } from './beacon.ts';
import { type Decoded, malformed } from './decoded.ts';
import type { GossipItem } from './gossip-item.ts';
import { type GossipPacket, readPacket } from './gossip-packet.ts';
import { PayloadKind } from './payload-kind.ts';
import { Reader } from './reader.ts';
import type { RecentlyDecoded } from './recently-decoded.ts';

/** What a datagram says. */
export type Payload = { readonly kind: 'beacon'; readonly beacon: Beacon } | GossipPacket;

const kinds = Object.keys(PayloadKind) as readonly (keyof typeof PayloadKind)[];

/**
 * Total: for any bytes a payload or a reason, `kind` for a kind that is not known [D5]. With `recent` an item that was in a
 * packet before is the same object again.
 */
export function decodePayload(bytes: Uint8Array, recent?: RecentlyDecoded<GossipItem>): Decoded<Payload> {
  const reader = new Reader(bytes);
  const kind = kinds[reader.u8() - 1];
  if (kind === undefined) return malformed(reader.reason ?? 'kind');
  return kind === 'beacon'
    ? reader.result<Payload>({ kind, beacon: readBeacon(reader) })
    : reader.result<Payload>(readPacket(reader, kind, recent));
}
