import type { NodeId } from '../protocol/ids.ts';
import type { Timer } from '../runtime/clock.ts';
import type { FrameLink } from './frame-link.ts';
import { createHeldFrames, type HeldFrames } from './held-frames.ts';
import type { Succession } from './succession.ts';

/** All that is known of the way to one peer. `link` is open; `dial` is not yet. */
export interface Peer {
  readonly id: NodeId;
  readonly held: HeldFrames;
  link: FrameLink | undefined;
  dial: FrameLink | undefined;
  /** The key by which the open link was made; `undefined` without one. */
  identity: string | undefined;
  /** The open link follows upon another one that is not yet closed. */
  succession: Succession | undefined;
  /** The other side has ended the open link: it has the next one already, which is still under way to here. */
  isDrained: boolean;
  /** Until then another link is tried for in place of the open one, whose key is no longer valid. */
  renewBy: number | undefined;
  /** The other side's own dial is awaited. */
  redial: Timer | undefined;
  /** The last dial failed: no other one before this has passed. */
  pause: Timer | undefined;
  /** A loss is being told. Whoever sends meanwhile is refused: a frame held now would be given up with the old ones. */
  telling: boolean;
}

export function createPeer(id: NodeId): Peer {
  const held = createHeldFrames();
  return {
    id,
    held,
    link: undefined,
    dial: undefined,
    identity: undefined,
    succession: undefined,
    isDrained: false,
    renewBy: undefined,
    redial: undefined,
    pause: undefined,
    telling: false,
  };
}

/** Nothing is open, under way or awaited: it can be forgotten, or dialled. */
export function isIdle({ link, dial, redial, pause, telling }: Peer): boolean {
  return (link ?? dial ?? redial ?? pause) === undefined && !telling;
}

/** Of all that was given to its links, the one before included. */
export function unwrittenBytesOf(peer: Peer | undefined): number {
  const { link, succession } = peer ?? {};
  if (link === undefined) return Number.POSITIVE_INFINITY;
  const before = succession === undefined ? 0 : succession.old.queuedBytes() + succession.old.bulkBytes();
  return before + link.queuedBytes() + link.bulkBytes();
}

/** Takes the connections off a peer, so that what they still tell concerns nobody. */
export function detach(peer: Peer): Pick<Peer, 'link' | 'dial' | 'redial' | 'pause'> {
  const { link, dial, redial, pause } = peer;
  peer.link = peer.dial = peer.redial = peer.pause = undefined;
  return { link, dial, redial, pause };
}
