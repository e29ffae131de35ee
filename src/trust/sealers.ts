import type { DatagramSealer } from '../protocol/datagram.ts';
import type { NodeId } from '../protocol/ids.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Random } from '../runtime/random.ts';
import { seal } from './aead.ts';
import { derive, keyIdBytesOf } from './derive.ts';
import { counterMax, drawEpoch, nonceOf } from './epoch.ts';
import type { KeyRing } from './key-ring.ts';
import { type RingKey, ringKeysMax } from './ring-state.ts';

export interface SealTools {
  readonly ring: KeyRing;
  readonly clock: Clock;
  readonly random: Random;
  readonly self: NodeId;
  /** The epoch's time: higher with every start of this node, also where the clock has been set back. */
  readonly startMs: number;
}

/** Seals with any key of the ring, under one epoch and one counter. */
export interface Sealers {
  /** For a key of the ring. */
  with(key: RingKey): DatagramSealer;
  /** Somebody else has drawn the same epoch: draws another. */
  renew(epochName: string): void;
  readonly epochName: string;
}

export function createSealers({ ring, random, startMs }: SealTools): Sealers {
  let epoch = drawEpoch(startMs, random);
  let counter = 0;
  const sealers = new Map<string, DatagramSealer>();

  function renew(): void {
    epoch = drawEpoch(epoch.timeMs + 1, random);
    counter = 0;
    sealers.clear();
  }

  function sealerOf({ secret }: RingKey): DatagramSealer {
    const { cluster } = ring.state;
    const key = derive(secret, epoch.bytes, 'datagram', cluster, 32);
    const current = epoch;
    return {
      keyId: keyIdBytesOf(secret, cluster),
      seal(payload, header) {
        counter += 1;
        const nonce = nonceOf(current, counter);
        return { nonce, ciphertext: seal(key, nonce, header, payload) };
      },
    };
  }

  return {
    with(key) {
      if (counter >= counterMax) renew();
      let sealer = sealers.get(key.id);
      if (sealer === undefined) {
        if (sealers.size >= ringKeysMax) sealers.clear();
        sealer = sealerOf(key);
        sealers.set(key.id, sealer);
      }
      return sealer;
    },
    renew(name) {
      if (name === epoch.name) renew();
    },
    get epochName() {
      return epoch.name;
    },
  };
}
