import type { RememberedPeer } from '../discovery/peers-file.ts';
import type { PeerLinkTable } from '../links/peer-link-table.ts';
import type { Membership } from '../membership/membership.ts';
import { FrameKind } from '../protocol/frame.ts';
import type { NodeId } from '../protocol/ids.ts';
import type { ReceivedFrame } from '../protocol/received-frame.ts';
import type { SocketAddress } from '../protocol/socket-address.ts';
import type { Timer } from '../runtime/clock.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { createKeyRequests } from './key-requests.ts';
import { createNodeKeyring, type NodeKeyring } from './node-keyring.ts';
import type { NodeTrust } from './node-trust.ts';
import { isPresent } from './node-views.ts';
import { createRingKeeper } from './ring-keeper.ts';

/** How often is looked who is behind. */
const lookIntervalMs = 2_000;

/** Who is behind is not told before a rotation that is to shut it out has had time to do so. */
const graceMs = 10_000;

/** The ring of a node among the other parts: key frames, and who is behind. */
export interface KeyringParts {
  readonly keyring: NodeKeyring;
  /** `undefined` when it is no key frame's. A text says what is wrong with it. */
  onFrame(peer: NodeId, frame: ReceivedFrame): string | undefined;
  onLost(peer: NodeId): void;
  stop(): void;
}

export interface KeyringPartsOptions {
  readonly trust: NodeTrust;
  readonly runtime: Runtime;
  readonly membership: Membership;
  readonly links: Pick<PeerLinkTable, 'send' | 'renew'>;
  readonly addresses: () => readonly SocketAddress[];
  /** Whom this node knows of from before. */
  readonly remembered: () => readonly RememberedPeer[];
}

export function isKeyFrame(kind: number): boolean {
  return kind === FrameKind.key || kind === FrameKind.keyReply;
}

export function createKeyringParts(options: KeyringPartsOptions): KeyringParts {
  const { trust, runtime, membership, links } = options;
  const { clock, random, log } = runtime;
  const { ring } = trust;
  const { cluster } = ring.state;
  const bringing = new Set<NodeId>();
  let changedAt = clock.now();
  const requests = createKeyRequests({
    clock,
    cluster,
    send(peer, fields, body) {
      const result = links.send(peer, fields, undefined, body);
      return result !== 'unreachable' && result !== 'busy';
    },
    perform: (request) => keeper.perform(request),
  });
  const keeper = createRingKeeper({
    ring,
    clock,
    random,
    members: () => [membership.self(), ...membership.members()],
    remembered: options.remembered,
    ask: (peer, request) => requests.ask(peer, request),
  });

  /** [K10] Brings a node forward that was asleep when the key in use was changed. */
  async function bringForward(peer: NodeId): Promise<void> {
    const theirs = await requests.ask(peer, { op: 'list' });
    const { inUse: id, usedAt } = ring.state;
    if (!theirs.ok || theirs.ring.inUse === id || theirs.ring.usedAt >= usedAt) return;
    const added = await requests.ask(peer, { op: 'add', key: ring.inUse });
    const used = added.ok ? await requests.ask(peer, { op: 'use', id, usedAt }) : added;
    log.info('a node that was behind was told of the key in use', { peer, key: id, done: used.ok });
  }

  function look(): void {
    timer = clock.schedule(lookIntervalMs, look);
    if (ring.state.keys.length === 1 || clock.now() - changedAt < graceMs) return;
    for (const member of membership.members()) {
      const heard = trust.heardKeys.heardFrom(member.reachedAt)?.id ?? ring.state.inUse;
      if (!isPresent(member.state) || heard === ring.state.inUse || bringing.has(member.id)) continue;
      bringing.add(member.id);
      void bringForward(member.id).finally(() => bringing.delete(member.id));
    }
  }

  const stopListening = ring.onChange(() => {
    changedAt = clock.now();
    links.renew((identity) => trust.secrets.isValid(identity));
  });
  let timer: Timer = clock.schedule(lookIntervalMs, look);
  return {
    keyring: createNodeKeyring({ keeper, invitations: trust.invitations, cluster, addresses: options.addresses }),
    onFrame: (peer, frame) => requests.onFrame(peer, frame),
    onLost: (peer) => requests.onLost(peer),
    stop() {
      timer.cancel();
      stopListening();
      requests.stop();
    },
  };
}
