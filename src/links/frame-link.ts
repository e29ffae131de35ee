import type { FrameFields } from '../protocol/frame.ts';
import type { GoawayReason } from '../protocol/goaway.ts';
import type { Hello } from '../protocol/hello.ts';
import type { ReceivedFrame } from '../protocol/received-frame.ts';

export interface FrameLinkEvents {
  /** The other side's hello has come and a common version is found. At most once, before any frame. */
  onOpen(peer: Hello): void;
  /** A text says what is wrong with the frame: the link is then closed with it ([F4]). */
  onFrame(frame: ReceivedFrame): string | undefined;
  /** The queue has emptied, or that of streams by half, after `send` returned false. */
  onDrain(): void;
  /** The other side writes no more, in order. Frames may still be sent to it. */
  onEnd(): void;
  /**
   * Exactly once, last. `reason` is undefined when both sides ended in order. What the link itself notices (silence, a
   * goaway, a fault) is told in the same turn; after `destroy` or `goaway` it follows when the stream has closed.
   */
  onClose(reason: LinkLoss | undefined): void;
}

/** Why a link is gone. `unreachable`: it never opened. `silent`: nothing was heard for too long. The rest: who refused or left said so. */
export interface LinkLoss {
  readonly kind: 'unreachable' | 'lost' | 'silent' | GoawayReason;
  readonly text: string;
}

/** A live way to carry frames over one byte stream: hello, coalesced writes, keep-alive, orderly end. */
export interface FrameLink {
  // Methods: V8 keeps the properties of a literal with a getter in a dictionary, and each use of any of them is then a look-up.
  /** Undefined before `onOpen`. */
  peer(): Hello | undefined;
  /** Bytes queued here and in the stream, but for those of `bulkBytes`. */
  queuedBytes(): number;
  /** Bytes of streams that wait for those under way to arrive ([F16]). */
  bulkBytes(): number;
  /**
   * Queues one frame whose rest is `head` followed by `body`. Small parts are copied; a body above 8 KiB, and whatever is of
   * a stream, is kept by reference until written. Goes out at the end of the turn together with what else was queued; data
   * and resets of streams may wait, and are overtaken by all other frames. Returns false when that queue is above its mark
   * (1 MiB): stop until `onDrain`. After `end` or close it does nothing and returns true.
   */
  send(fields: FrameFields, head: Uint8Array | undefined, body: Uint8Array | undefined): boolean;
  /** Messages that are written already, whole frames side by side, whose deadlines were reckoned at `now`. As `send`. */
  sendFrames(frames: Uint8Array, now: number): boolean;
  /** Writes what is queued, then ends this half. */
  end(): void;
  /** Says why (goaway), writes it if it can, and closes: at the latest after half a second. */
  goaway(reason: GoawayReason, text: string): void;
  /** Somebody doubts this link: pings now, and gives it up if nothing comes back in time. */
  verify(): void;
  /** Stops reading until `resume`: back-pressure on the peer. Keep-alive does not judge while paused. */
  pause(): void;
  resume(): void;
  destroy(): void;
}
