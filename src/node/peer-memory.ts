import type { RememberedPeer } from '../discovery/peers-file.ts';
import type { Member } from '../membership/member.ts';
import type { Clock, Timer } from '../runtime/clock.ts';
import { isPresent } from './node-views.ts';

/** Tells discovery who is there, for the next start. */
export interface PeerMemory {
  /** Somebody has come or gone. */
  changed(): void;
  /** Tells what was not told yet, and ends. */
  stop(): void;
}

/** A cluster that starts or heals changes a hundred times within a second, and each time all of it would be told. */
const pauseMs = 1_000;

export function createPeerMemory(
  clock: Clock,
  members: () => Iterable<Member>,
  remember: (peers: readonly RememberedPeer[]) => void,
): PeerMemory {
  let timer: Timer | undefined;

  function tell(): void {
    timer?.cancel();
    timer = undefined;
    const peers: RememberedPeer[] = [];
    for (const { id, name, state, addresses, reachedAt } of members()) {
      if (isPresent(state)) peers.push({ id, name, addresses: [reachedAt, ...addresses] });
    }
    remember(peers);
  }

  return {
    changed() {
      timer ??= clock.schedule(pauseMs, tell);
    },
    stop() {
      if (timer !== undefined) tell();
    },
  };
}
