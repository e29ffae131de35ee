import type { SocketAddress } from '../protocol/socket-address.ts';
import type { SecureDial } from '../runtime/streams.ts';
import { linkSecret } from './derive.ts';
import type { HeardKeys } from './heard-keys.ts';
import type { KeyRing } from './key-ring.ts';
import { type RingKey, ringKeysMax } from './ring-state.ts';

/** [K6] The secrets of links, one for each key of the ring. */
export interface LinkSecrets {
  /** With which to dial a node: that of the key in use, or the one it was last heard to use. */
  dial(to: SocketAddress): SecureDial;
  /** The secret of an identity; `undefined` when that key is not in the ring. */
  pskOf(identity: string): Uint8Array | undefined;
  /** Whether the key by which a link was opened is still in the ring. */
  isValid(identity: string): boolean;
}

export function createLinkSecrets(ring: KeyRing, heardKeys: HeardKeys): LinkSecrets {
  const secrets = new Map<string, Uint8Array>();

  function secretOf({ id, secret }: RingKey): Uint8Array {
    let derived = secrets.get(id);
    if (derived === undefined) {
      if (secrets.size >= 2 * ringKeysMax) secrets.clear();
      derived = linkSecret(secret, ring.state.cluster);
      secrets.set(id, derived);
    }
    return derived;
  }

  return {
    dial(to) {
      const key = heardKeys.heardFrom(to) ?? ring.inUse;
      return { identity: key.id, psk: secretOf(key) };
    },
    pskOf(identity) {
      const key = ring.find(identity);
      return key === undefined ? undefined : secretOf(key);
    },
    isValid: (identity) => ring.find(identity) !== undefined,
  };
}
