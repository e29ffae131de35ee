import type { InvitationView } from '../api/key-report.ts';
import { formatSocketAddress, type SocketAddress } from '../protocol/socket-address.ts';
import { isoTimeOf } from '../runtime/iso-time.ts';
import type { Invitations } from '../trust/invitations.ts';
import { encodeToken, tokenAddressesMax } from '../trust/token.ts';
import type { RingKeeper } from './ring-keeper.ts';

/** The keys of a node with a key: its ring, the cluster's, and whom it lets in. */
export interface NodeKeyring extends Omit<RingKeeper, 'perform'> {
  /** Rejects with `invalid` or `busy`. */
  invite(expiresMs: number, uses: number): Promise<InvitationView>;
}

export interface NodeKeyringOptions {
  readonly keeper: RingKeeper;
  readonly invitations: Invitations;
  readonly cluster: string;
  /** Where this node is reached, most useful first. */
  readonly addresses: () => readonly SocketAddress[];
}

export function createNodeKeyring({ keeper, invitations, cluster, addresses }: NodeKeyringOptions): NodeKeyring {
  const { list, add, use, remove } = keeper;
  return {
    list,
    add,
    use,
    remove,
    async invite(expiresMs, uses) {
      const { id, secret, expiresAt, usesLeft } = await invitations.create(expiresMs, uses);
      const reached = addresses().slice(0, tokenAddressesMax);
      return {
        token: encodeToken({ cluster, addresses: reached, invitation: id, secret, expiresAt }),
        cluster,
        expiresAt: isoTimeOf(expiresAt),
        uses: usesLeft,
        addresses: reached.map(formatSocketAddress),
      };
    },
  };
}
