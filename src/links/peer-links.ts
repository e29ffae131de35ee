import type { FrameFields } from '../protocol/frame.ts';
import type { Hello } from '../protocol/hello.ts';
import type { NodeId } from '../protocol/ids.ts';
import type { ReceivedFrame } from '../protocol/received-frame.ts';
import type { SocketAddress } from '../protocol/socket-address.ts';
import type { LinkLoss } from './frame-link.ts';

/** What the links to other nodes tell. */
export interface PeerLinkEvents {
  /** A text says what is wrong with the frame: the link is then closed with it. */
  onFrame(peer: NodeId, frame: ReceivedFrame): string | undefined;
  /** A link to `peer` is open; what was held for it has been written. */
  onUp(peer: NodeId, hello: Hello, at: SocketAddress): void;
  /** More may be sent to `peer` after `send` said `pressed`. */
  onDrain(peer: NodeId): void;
  /**
   * There is no link any more. With kind `unreachable` nothing that was held for it has been written. Until this returns
   * whatever is sent to that peer is `unreachable`.
   */
  onLost(peer: NodeId, loss: LinkLoss): void;
}

/**
 * What became of a frame: `written` to an open link, `held` until the dial succeeds (else `onLost` with `unreachable`),
 * `pressed` written, but stop, `busy` refused because too much waits for this peer (never what ends or accepts something),
 * `unreachable` refused: no address, a dial failed a moment ago, or it ends what no link has carried.
 */
export type SendResult = 'written' | 'held' | 'pressed' | 'busy' | 'unreachable';

/** The links of this node: at most one to each other node, dialled when there is something to say, kept until it breaks. */
export interface PeerLinks {
  send(peer: NodeId, fields: FrameFields, head: Uint8Array | undefined, body: Uint8Array | undefined): SendResult;
  /** Messages, whole frames side by side, for an open link; undefined: there is none. */
  sendFrames(peer: NodeId, frames: Uint8Array, now: number): SendResult | undefined;
  /** Dials unless a link is open or on its way. */
  open(peer: NodeId): void;
  isOpen(peer: NodeId): boolean;
  /** Of what was sent to it so much may still be held by reference, the last of it. Infinity without a link. */
  unwrittenBytes(peer: NodeId): number;
  /** Peers with an open link. */
  count(): number;
  /** The member is dead or gone: its link, if any, is given up. */
  forget(peer: NodeId): void;
  /** Ends all links in order with a goaway. Nothing is told of it; what is sent from now on is `unreachable`. */
  close(): void;
}
