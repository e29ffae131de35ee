import type { PeerLinks } from '../links/peer-links.ts';
import type { Membership } from '../membership/membership.ts';
import { watchedBy } from '../membership/watch-ring.ts';
import type { NodeId } from '../protocol/ids.ts';
import type { Clock, Timer } from '../runtime/clock.ts';

/** Keeps a link to the few members that this node watches [M12], so that the kernel tells at once when a process ends. */
export interface WatchLinks {
  /** Somebody has come or gone. */
  changed(): void;
  stop(): void;
}

/** A cluster that forms changes its ring with each newcomer: links wait until nobody has come or gone for so long. */
const calmMs = 300;
/** But no longer than this, however many come and go. */
const restlessMsMax = 1_500;
/** A link that could not be dialled, or was given up by the other side, is tried again. */
const reviewMs = 5_000;

export function createWatchLinks(
  clock: Clock,
  self: NodeId,
  membership: Membership,
  links: Pick<PeerLinks, 'open' | 'isOpen'>,
): WatchLinks {
  let settling: Timer | undefined;
  let reviewing: Timer | undefined;
  let changedAt = 0;
  let mustOpenAt = 0;

  /** The timer is not set anew with each change; it looks whether there was one since. */
  function settle(): void {
    const waitMs = Math.min(changedAt + calmMs, mustOpenAt) - clock.now();
    if (waitMs > 0) settling = clock.schedule(waitMs, settle);
    else open();
  }

  function open(): void {
    settling?.cancel();
    settling = undefined;
    const live: NodeId[] = [];
    for (const { id, state } of membership.members()) if (state === 'alive') live.push(id);
    for (const peer of watchedBy(self, live)) if (!links.isOpen(peer)) links.open(peer);
  }

  function review(): void {
    open();
    reviewing = clock.schedule(reviewMs, review);
  }

  reviewing = clock.schedule(reviewMs, review);
  return {
    changed() {
      changedAt = clock.now();
      if (settling !== undefined) return;
      mustOpenAt = changedAt + restlessMsMax;
      settling = clock.schedule(calmMs, settle);
    },
    stop() {
      settling?.cancel();
      reviewing?.cancel();
    },
  };
}
