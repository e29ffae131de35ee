import { membersMax } from '../protocol/limits.ts';
import { formatSocketAddress, type SocketAddress } from '../protocol/socket-address.ts';
import type { Random } from '../runtime/random.ts';
import type { KeyRing } from './key-ring.ts';
import type { RingKey } from './ring-state.ts';

/** Share of what goes to nobody known that is sealed with the key in use while there are older ones. */
const inUseShare = 2 / 3;

/** [K10] Who speaks with which key, as long as there are several: each is answered in its own. */
export interface HeardKeys {
  /** Something authentic came from there under this key. */
  note(from: SocketAddress, keyId: string): void;
  /** The key last heard from there; `undefined` when nothing was, or there is but one key. */
  heardFrom(where: SocketAddress): RingKey | undefined;
  /**
   * The key to seal a datagram with. To many, and to whom nothing is known of, now and then with an older key: two sides of a
   * cluster that were rotated apart from each other still share that one.
   */
  keyFor(to: SocketAddress | undefined): RingKey;
}

export function createHeardKeys(ring: KeyRing, random: Random): HeardKeys {
  const heard = new Map<string, string>();
  ring.onChange(() => {
    const isOne = ring.state.keys.length === 1;
    for (const [where, id] of heard) if (isOne || ring.find(id) === undefined) heard.delete(where);
  });

  function heardFrom(where: SocketAddress): RingKey | undefined {
    const id = heard.size === 0 ? undefined : heard.get(formatSocketAddress(where));
    return id === undefined ? undefined : ring.find(id);
  }

  function anyKey(): RingKey {
    const { inUse } = ring;
    if (random.next() < inUseShare) return inUse;
    const older = ring.state.keys.filter(({ madeAt }) => madeAt < inUse.madeAt);
    return older[Math.floor(random.next() * older.length)] ?? inUse;
  }

  return {
    note(from, keyId) {
      if (ring.state.keys.length === 1) return;
      const where = formatSocketAddress(from);
      if (!heard.has(where) && heard.size >= membersMax) {
        const [first] = heard.keys();
        if (first !== undefined) heard.delete(first);
      }
      heard.set(where, keyId);
    },
    heardFrom,
    keyFor(to) {
      if (ring.state.keys.length === 1) return ring.inUse;
      return (to === undefined ? undefined : heardFrom(to)) ?? anyKey();
    },
  };
}
