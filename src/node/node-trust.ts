import { FogataError } from '../protocol/fogata-error.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { ByteStream, SecureListen } from '../runtime/streams.ts';
import { handOutRing } from '../trust/hand-out-ring.ts';
import { createHeardKeys, type HeardKeys } from '../trust/heard-keys.ts';
import { type Invitations, inviteIdentityPrefix, openInvitations } from '../trust/invitations.ts';
import type { KeyRing } from '../trust/key-ring.ts';
import { createLinkSecrets, type LinkSecrets } from '../trust/link-secrets.ts';
import { createSealedEnvelope, type SealedEnvelope } from '../trust/sealed-envelope.ts';
import type { NodeIdentity } from './node-identity.ts';

/** What a node with a key seals and proves with. */
export interface NodeTrust {
  readonly ring: KeyRing;
  readonly envelope: SealedEnvelope;
  readonly heardKeys: HeardKeys;
  readonly secrets: LinkSecrets;
  readonly invitations: Invitations;
  /** Who may open a link: whoever knows a key of the ring, or was invited. */
  readonly listen: SecureListen;
  /** Links that were refused. */
  readonly refusedLinks: number;
  /** Takes a link on which somebody proved to be invited; false when it is that of a node. */
  takeGuest(
    stream: ByteStream,
    identity: string | undefined,
    self: { readonly name: string; readonly port: number },
  ): boolean;
}

/** Throws FogataError `config` when the ring is another cluster's. */
export async function createNodeTrust(
  ring: KeyRing,
  cluster: string,
  identity: NodeIdentity,
  runtime: Runtime,
): Promise<NodeTrust> {
  if (ring.state.cluster !== cluster) {
    throw new FogataError(
      'config',
      `the key of this host is that of cluster "${ring.state.cluster}", not "${cluster}"`,
    );
  }
  const { clock, random, storage, log } = runtime;
  const heardKeys = createHeardKeys(ring, random);
  const secrets = createLinkSecrets(ring, heardKeys);
  const invitations = await openInvitations({ clock, random, storage, cluster });
  const counts = { refusedLinks: 0 };
  return {
    ring,
    envelope: createSealedEnvelope({
      ring,
      clock,
      random,
      self: identity.id,
      startMs: identity.incarnation,
      heardKeys,
    }),
    heardKeys,
    secrets,
    invitations,
    listen: {
      pskOf: (name) => secrets.pskOf(name) ?? invitations.pskOf(name),
      onRefused(reason) {
        counts.refusedLinks += 1;
        log.debug('a link is refused', { reason });
      },
    },
    get refusedLinks() {
      return counts.refusedLinks;
    },
    takeGuest(stream, name, self) {
      if (name?.startsWith(inviteIdentityPrefix) !== true) return false;
      const onHandedOut = (invitation: string) => log.info('somebody joined by invitation', { invitation });
      handOutRing(stream, name, { clock, ring, invitations, self: { node: identity.id, ...self }, onHandedOut });
      return true;
    },
  };
}
