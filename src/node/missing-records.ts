import type { NodeId } from '../protocol/ids.ts';
import type { Clock, Timer } from '../runtime/clock.ts';

/** Members of whom a newer record is known to be than the one held here [R2]. */
export interface MissingRecords {
  add(id: NodeId): void;
  stop(): void;
}

/**
 * Most records come by gossip a moment after the member itself, so each is given that long. Then one of those whose record
 * is missing is asked for all of them, as it may know the others' too; the next time another one is. Were each asked for
 * its own at once, the nodes of a cluster that starts would all dial each other.
 */
const waitMs = 200;

/** `isMissing` is asked again before `ask` is called for an id, and until it says no. */
export function createMissingRecords(
  clock: Clock,
  isMissing: (id: NodeId) => boolean,
  ask: (peer: NodeId, wanted: readonly NodeId[]) => void,
): MissingRecords {
  const missing = new Set<NodeId>();
  let timer: Timer | undefined;
  let stopped = false;

  function look(): void {
    timer = undefined;
    for (const id of missing) if (!isMissing(id)) missing.delete(id);
    const [peer] = missing;
    if (peer === undefined) return;
    const wanted = [...missing];
    missing.delete(peer);
    missing.add(peer);
    ask(peer, wanted);
    plan();
  }

  function plan(): void {
    if (missing.size > 0 && !stopped) timer ??= clock.schedule(waitMs, look);
  }

  return {
    add(id) {
      missing.add(id);
      plan();
    },
    stop() {
      stopped = true;
      timer?.cancel();
    },
  };
}
