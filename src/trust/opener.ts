import type { DatagramOpener, SealedDatagram } from '../protocol/datagram.ts';
import { type NodeId, readNodeId } from '../protocol/ids.ts';
import type { Clock } from '../runtime/clock.ts';
import { unseal } from './aead.ts';
import { derive } from './derive.ts';
import { counterOf, epochBytes, epochName } from './epoch.ts';
import type { KeyRing } from './key-ring.ts';
import { payloadAuthor } from './payload-author.ts';
import { ReplayWindow } from './replay-window.ts';

/** [K5] Windows kept: every node a cluster may have, twice, for while a ring is rotated. */
export const windowsMax = 4_096;

/** Deriving a key costs more than anything else here, and anybody can make up epochs: so many a second, and twice as many at once. */
export const epochsPerSecond = 1_000;

export interface OpenerOptions {
  readonly ring: KeyRing;
  readonly clock: Clock;
  readonly self: NodeId;
  readonly ownEpoch: () => string;
  /** Another node has sealed under this node's epoch. */
  readonly onCollision: (epochName: string) => void;
}

/** One sender, as far as one key and one epoch go. */
interface Sender {
  readonly keyId: string;
  readonly epoch: string;
  readonly author: NodeId | undefined;
  readonly key: Uint8Array;
  readonly window: ReplayWindow;
  usedAt: number;
}

export interface CountingOpener extends DatagramOpener {
  /** Windows held at this moment. */
  readonly windows: number;
}

export function createOpener(options: OpenerOptions): CountingOpener {
  const { ring, clock } = options;
  const senders = new Map<string, Sender>();
  /** The newest epoch of each node: what an older one sealed was recorded long ago. */
  const newest = new Map<NodeId, string>();
  let allowance = 2 * epochsPerSecond;
  let allowedAt = clock.now();

  ring.onChange(() => {
    for (const [name, { keyId }] of senders) if (ring.find(keyId) === undefined) senders.delete(name);
  });

  function mayDerive(): boolean {
    const now = clock.now();
    allowance = Math.min(2 * epochsPerSecond, allowance + ((now - allowedAt) * epochsPerSecond) / 1_000);
    allowedAt = now;
    if (allowance < 1) return false;
    allowance -= 1;
    return true;
  }

  function makeRoom(): void {
    if (senders.size < windowsMax) return;
    let oldest: string | undefined;
    let usedAt = Number.POSITIVE_INFINITY;
    for (const [name, sender] of senders) {
      if (sender.usedAt >= usedAt) continue;
      oldest = name;
      usedAt = sender.usedAt;
    }
    if (oldest !== undefined) senders.delete(oldest);
  }

  /** False when a newer epoch of the author is known. */
  function isCurrent(author: NodeId | undefined, epoch: string): boolean {
    if (author === undefined) return true;
    const known = newest.get(author);
    if (known === epoch) return true;
    if (known !== undefined && known > epoch) return false;
    if (known !== undefined) {
      for (const [name, sender] of senders) if (sender.author === author) senders.delete(name);
    } else if (newest.size >= windowsMax) {
      const [first] = newest.keys();
      if (first !== undefined) newest.delete(first);
    }
    newest.set(author, epoch);
    return true;
  }

  function openFirst(sealed: SealedDatagram, name: string, keyId: string): ReturnType<DatagramOpener['open']> {
    const ringKey = ring.find(keyId);
    if (ringKey === undefined) return 'unknown-key';
    if (!mayDerive()) return 'too-many-epochs';
    const salt = sealed.nonce.subarray(0, epochBytes);
    const key = derive(ringKey.secret, salt, 'datagram', ring.state.cluster, 32);
    const payload = unseal(key, sealed.nonce, sealed.header, sealed.ciphertext);
    if (payload === undefined) return 'bad-seal';
    const epoch = epochName(sealed.nonce);
    const author = payloadAuthor(payload);
    if (epoch === options.ownEpoch() && author !== options.self) options.onCollision(epoch);
    if (!isCurrent(author, epoch)) return 'replayed';
    makeRoom();
    const sender: Sender = { keyId, epoch, author, key, window: new ReplayWindow(), usedAt: clock.now() };
    sender.window.begin(counterOf(sealed.nonce));
    senders.set(name, sender);
    return payload;
  }

  return {
    get windows() {
      return senders.size;
    },
    open(sealed) {
      const counter = counterOf(sealed.nonce);
      if (counter === 0) return 'bad-seal';
      const keyId = readNodeId(sealed.keyId, 0);
      const name = keyId + epochName(sealed.nonce);
      const sender = senders.get(name);
      if (sender === undefined) return openFirst(sealed, name, keyId);
      if (!sender.window.isFresh(counter)) return 'replayed';
      const payload = unseal(sender.key, sealed.nonce, sealed.header, sealed.ciphertext);
      if (payload === undefined) return 'bad-seal';
      sender.window.mark(counter);
      sender.usedAt = clock.now();
      return payload;
    },
  };
}
