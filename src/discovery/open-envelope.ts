import { clusterTag } from '../protocol/cluster-tag.ts';
import { decodeDatagram, encodeDatagram } from '../protocol/datagram.ts';
import type { Envelope } from './envelope.ts';

/** The envelope of a cluster without a key. */
export function openEnvelope(cluster: string): Envelope {
  const tag = clusterTag(cluster);
  return {
    seal: (payload) => encodeDatagram(tag, payload),
    open: (bytes) => decodeDatagram(bytes, tag),
  };
}
