import type { FrameFields } from '../protocol/frame.ts';
import type { NodeId } from '../protocol/ids.ts';

/**
 * What became of a frame: `written` to an open link; `held` until a dial succeeds (else the peer is told lost as
 * `unreachable`); `pressed` written, but stop until the peer drains; `busy` and `unreachable` refused, nothing was kept.
 */
export type CarryResult = 'written' | 'held' | 'pressed' | 'busy' | 'unreachable';

/** Carries frames to nodes, this one included. `head` is copied at once; `body` must not change until it is written. */
export interface Carrier {
  send(peer: NodeId, fields: FrameFields, head: Uint8Array | undefined, body: Uint8Array | undefined): CarryResult;
}

/** Carries messages that are written already, too. */
export interface FramesCarrier extends Carrier {
  /**
   * Whole frames side by side, whose deadlines were reckoned at `now`: for all the same, or for none. They are copied at once.
   * Undefined: there is no open link to write them to, and each is to be sent by itself.
   */
  sendFrames(peer: NodeId, frames: Uint8Array, now: number): CarryResult | undefined;
}

/** Why nothing more comes from a peer. `unreachable`: what was held for it was never written. */
export interface PeerLoss {
  readonly reached: boolean;
  readonly text: string;
}
