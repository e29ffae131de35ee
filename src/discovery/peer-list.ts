import type { NodeId } from '../protocol/ids.ts';
import type { Timer } from '../runtime/clock.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { type Condition, createCondition } from './condition.ts';
import { decodePeers, encodePeers, type RememberedPeer, rememberedPeersMax } from './peers-file.ts';

const storageKey = 'peers';

/** A busy cluster changes often; the list is worth a write now and then, not each time. */
const writePauseMs = 10_000;

/** The peers that are remembered, in memory and in the storage. */
export interface PeerList {
  /** Whether it can be read and written. */
  readonly condition: Condition;
  readonly peers: readonly RememberedPeer[];
  /** Adds what is stored. Never rejects: what makes no sense is told to the log once and left aside. */
  read(): Promise<void>;
  /** Puts these first. Who was known before stays behind them, as long as there is room. */
  put(members: readonly RememberedPeer[]): void;
  /** Writes what is not yet written. Never rejects. */
  stop(): Promise<void>;
}

export function createPeerList({ clock, storage, log }: Runtime, cluster: string): PeerList {
  const condition = createCondition(clock);
  let peers: readonly RememberedPeer[] = [];
  let written = '';
  let timer: Timer | undefined;
  let stopped = false;

  function scheduleWrite(): void {
    if (stopped || fingerprintOf(peers) === written) return;
    timer ??= clock.schedule(writePauseMs, () => {
      timer = undefined;
      void write();
    });
  }

  async function write(): Promise<void> {
    const fingerprint = fingerprintOf(peers);
    if (fingerprint === written) return;
    try {
      await storage.write(storageKey, encodePeers(cluster, peers));
      written = fingerprint;
      condition.succeed();
    } catch (error) {
      if (condition.state !== 'failing') log.warn('remembered peers cannot be written', { error });
      condition.fail(error);
    }
    // It may have changed meanwhile, or failed.
    scheduleWrite();
  }

  return {
    condition,
    get peers() {
      return peers;
    },
    async read() {
      try {
        const bytes = await storage.read(storageKey);
        const stored = bytes === undefined ? [] : decodePeers(bytes, cluster);
        // What came in while the file was read is newer than the file.
        peers = merged(peers, stored);
        written = fingerprintOf(stored);
        condition.succeed();
      } catch (error) {
        condition.fail(error);
        log.warn('remembered peers cannot be read and are left aside', { error });
      }
    },
    put(members) {
      peers = merged(members, peers);
      scheduleWrite();
    },
    async stop() {
      stopped = true;
      timer?.cancel();
      await write();
    },
  };
}

/** Each peer once, as the first list that has it says. */
function merged(newer: readonly RememberedPeer[], older: readonly RememberedPeer[]): readonly RememberedPeer[] {
  const all = new Map<NodeId, RememberedPeer>();
  for (const peer of [...newer, ...older]) {
    if (peer.addresses.length > 0 && !all.has(peer.id)) all.set(peer.id, peer);
  }
  return [...all.values()].slice(0, rememberedPeersMax);
}

/** Tells lists apart by what is worth a write: who is in it, and where. The order is not. */
function fingerprintOf(peers: readonly RememberedPeer[]): string {
  return peers
    .map(({ id, name, addresses }) => `${id} ${name} ${addresses.map((one) => `${one.address} ${one.port}`).join(' ')}`)
    .sort()
    .join('\n');
}
