import type { Envelope } from '../discovery/envelope.ts';
import { ByteCopies } from '../protocol/byte-copies.ts';
import { clusterTag } from '../protocol/cluster-tag.ts';
import { decodeDatagram, encodeDatagram } from '../protocol/datagram.ts';
import type { GossipItem } from '../protocol/gossip-item.ts';
import type { GossipPacket } from '../protocol/gossip-packet.ts';
import { decodePayload } from '../protocol/payload.ts';
import { createRecentlyDecoded } from '../protocol/recently-decoded.ts';
import type { SocketAddress } from '../protocol/socket-address.ts';
import { versionOldest } from '../protocol/version.ts';

/** What goes round every datagram of a cluster without a key. */
export function openEnvelope(cluster: string): Envelope {
  const tag = clusterTag(cluster);
  const copies = new ByteCopies();
  return {
    seal: (payload) => encodeDatagram(tag, payload, versionOldest, copies),
    open: (bytes) => decodeDatagram(bytes, tag),
  };
}

export interface DatagramDoorEvents {
  onPacket(packet: GossipPacket, from: SocketAddress): void;
  /** The payload of a beacon: somebody's answer to a seeking one. */
  onBeacon(payload: Uint8Array, from: SocketAddress): void;
}

/** Lets in what came to the node port and makes sense; counts the rest by reason ([D2], [D5]). */
export interface DatagramDoor {
  onDatagram(bytes: Uint8Array, from: SocketAddress): void;
  readonly ignored: Readonly<Record<string, number>>;
}

export function createDatagramDoor(envelope: Envelope, events: DatagramDoorEvents): DatagramDoor {
  const ignored: Record<string, number> = {};
  const recent = createRecentlyDecoded<GossipItem>();

  function ignore(reason: string): void {
    ignored[reason] = (ignored[reason] ?? 0) + 1;
  }

  return {
    onDatagram(bytes, from) {
      const opened = envelope.open(bytes, from);
      if (!opened.ok) return ignore(opened.reason);
      const payload = decodePayload(opened.payload, recent);
      if (!payload.ok) return ignore(payload.reason);
      if (payload.value.kind === 'beacon') events.onBeacon(opened.payload, from);
      else events.onPacket(payload.value, from);
    },
    ignored,
  };
}
