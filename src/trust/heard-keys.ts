import { membersMax } from '../protocol/limits.ts';
import { formatSocketAddress, type SocketAddress } from '../protocol/socket-address.ts';
import type { KeyRing } from './key-ring.ts';
import type { RingKey } from './ring-state.ts';

/** [K10] Who still speaks with another key of the ring than the one in use here, and with which: it is answered in the same. */
export interface HeardKeys {
  /** Something authentic came from there under this key. */
  note(from: SocketAddress, keyId: string): void;
  /** Somebody does. */
  readonly isAnyOther: boolean;
  /** The key to speak with to that address. */
  keyFor(to: SocketAddress | undefined): RingKey;
}

export function createHeardKeys(ring: KeyRing): HeardKeys {
  const others = new Map<string, string>();
  ring.onChange(() => {
    const { inUse } = ring.state;
    for (const [where, id] of others) if (id === inUse || ring.find(id) === undefined) others.delete(where);
  });

  return {
    get isAnyOther() {
      return others.size > 0;
    },
    note(from, keyId) {
      if (keyId === ring.state.inUse) {
        if (others.size > 0) others.delete(formatSocketAddress(from));
        return;
      }
      const where = formatSocketAddress(from);
      if (!others.has(where) && others.size >= membersMax) {
        const [first] = others.keys();
        if (first !== undefined) others.delete(first);
      }
      others.set(where, keyId);
    },
    keyFor(to) {
      if (to === undefined || others.size === 0) return ring.inUse;
      const id = others.get(formatSocketAddress(to));
      return (id === undefined ? undefined : ring.find(id)) ?? ring.inUse;
    },
  };
}
