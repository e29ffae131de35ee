import type { Clock } from '../runtime/clock.ts';
import type { Peer } from './peer.ts';

/** A link whose key was removed is replaced within this time, or given up: the other side has no valid key. */
const renewWithinMs = 4_000;
const renewPauseMs = 250;

/** Puts links by a valid key in the place of those whose key was removed ([K7]). */
export interface Renewal {
  begin(peers: Iterable<Peer>, isValid: (identity: string) => boolean): void;
  /** A dial in place of an open link came to nothing: it is tried again, or that link is given up. */
  failed(peer: Peer, text: string): void;
  /** The open link is no more. */
  cancel(peer: Peer): void;
}

export function createRenewal(
  clock: Clock,
  links: { readonly dial: (peer: Peer) => boolean; readonly giveUp: (peer: Peer, text: string) => void },
): Renewal {
  function failed(peer: Peer, text: string): void {
    if (peer.isDrained || peer.renewBy === undefined || peer.renewBy <= clock.now()) {
      links.giveUp(peer, `its key was removed, and no other is known there: ${text}`);
      return;
    }
    peer.redial = clock.schedule(renewPauseMs, () => {
      peer.redial = undefined;
      if (!links.dial(peer)) failed(peer, 'no address');
    });
  }

  return {
    begin(peers, isValid) {
      for (const peer of [...peers]) {
        const { link, identity, succession } = peer;
        if (link === undefined || identity === undefined || isValid(identity) || succession !== undefined) continue;
        peer.renewBy ??= clock.now() + renewWithinMs;
        if ((peer.dial ?? peer.redial) === undefined && !links.dial(peer)) failed(peer, 'no address');
      }
    },
    failed,
    cancel(peer) {
      peer.isDrained = false;
      if (peer.renewBy === undefined) return;
      peer.renewBy = undefined;
      peer.redial?.cancel();
      peer.redial = undefined;
    },
  };
}
