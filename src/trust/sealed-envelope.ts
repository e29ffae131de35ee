import { clusterTag } from '../protocol/cluster-tag.ts';
import { type DecodedDatagram, decodeDatagram, encodeSealedDatagram } from '../protocol/datagram.ts';
import { readNodeId } from '../protocol/ids.ts';
import type { SocketAddress } from '../protocol/socket-address.ts';
import type { HeardKeys } from './heard-keys.ts';
import { createOpener } from './opener.ts';
import { payloadNodePort } from './payload-author.ts';
import { createSealers, type SealTools } from './sealers.ts';

const keyIdOffset = 6;

/** What goes round every datagram of a cluster with a key. A change of the ring takes effect with the next one. */
export interface SealedEnvelope {
  /** To many when `to` is undefined: with the key in use. Each call makes another datagram, also of the same payload. */
  seal(payload: Uint8Array, to?: SocketAddress): Uint8Array;
  open(bytes: Uint8Array, from?: SocketAddress): DecodedDatagram;
  /** Senders whose counters are watched. */
  readonly windows: number;
}

export function createSealedEnvelope(tools: SealTools & { readonly heardKeys: HeardKeys }): SealedEnvelope {
  const { ring, clock, self, heardKeys } = tools;
  const tag = clusterTag(ring.state.cluster);
  const sealers = createSealers(tools);
  const opener = createOpener({
    ring,
    clock,
    self,
    ownEpoch: () => sealers.epochName,
    onCollision: (name) => sealers.renew(name),
  });
  return {
    seal: (payload, to) => encodeSealedDatagram(sealers.with(heardKeys.keyFor(to)), payload),
    open(bytes, from) {
      const opened = decodeDatagram(bytes, tag, opener);
      if (opened.ok && from !== undefined) {
        const port = payloadNodePort(opened.payload) ?? from.port;
        heardKeys.note({ address: from.address, port }, readNodeId(bytes, keyIdOffset));
      }
      return opened;
    },
    get windows() {
      return opener.windows;
    },
  };
}
