import type { SocketAddress } from '../protocol/socket-address.ts';
import type { Timer } from '../runtime/clock.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { RememberedStatus } from './discovery-status.ts';
import { growingPause, spread } from './growing-pause.ts';
import { createPeerList } from './peer-list.ts';
import type { RememberedPeer } from './peers-file.ts';

/** Members of the last run, looked for while no other is known. */
export interface RememberedPeers {
  /** Reads the list and looks for those in it. Never rejects. */
  start(): Promise<void>;
  /** Those of this run, and of runs before as far as there is room. */
  readonly peers: readonly RememberedPeer[];
  /** These are members now. */
  remember(members: readonly RememberedPeer[]): void;
  /** Looks for all of them now, if the node seeks. */
  lookNow(): void;
  /** Writes what is not yet written. Never rejects. */
  stop(): Promise<void>;
  status(): RememberedStatus;
}

export interface RememberedPeersOptions {
  readonly runtime: Runtime;
  readonly cluster: string;
  readonly isSeeking: () => boolean;
  readonly isInScope: (address: string) => boolean;
  readonly isReached: (where: SocketAddress) => boolean;
  readonly onAddress: (where: SocketAddress) => void;
}

export function createRememberedPeers(options: RememberedPeersOptions): RememberedPeers {
  const { runtime, cluster, isSeeking, isInScope, isReached, onAddress } = options;
  const { clock, random } = runtime;
  const list = createPeerList(runtime, cluster);
  let timer: Timer | undefined;
  let rounds = 0;
  let stopped = false;

  function look(): void {
    rounds = isSeeking() ? rounds + 1 : 1;
    timer = clock.schedule(spread(growingPause(rounds), random.next()), look);
    if (!isSeeking()) return;
    for (const { addresses } of list.peers) {
      for (const where of addresses) if (isInScope(where.address) && !isReached(where)) onAddress(where);
    }
  }

  return {
    get peers() {
      return list.peers;
    },
    async start() {
      await list.read();
      if (!stopped) look();
    },
    remember: (members) => list.put(members),
    lookNow() {
      if (stopped || timer === undefined) return;
      timer.cancel();
      rounds = 0;
      look();
    },
    stop() {
      stopped = true;
      timer?.cancel();
      return list.stop();
    },
    status() {
      const { state, lastError, since } = list.condition;
      return { peers: list.peers.length, state, lastError, since };
    },
  };
}
