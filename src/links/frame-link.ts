import type { Hello } from '../protocol/hello.ts';

/** The fields of a frame's fixed header that its sender chooses ([section 6](../../docs/protocol.md)). */
export interface FrameFields {
  readonly kind: number;
  readonly flags: number;
  readonly hops: number;
  /** 16 hexadecimal digits; the zero id when none. */
  readonly to: string;
  readonly from: string;
  readonly correlation: number;
  /** Milliseconds left; Infinity for none. */
  readonly deadlineMs: number;
}

/** A received frame. The object and `bytes` are valid only during the call that hands it over. */
export interface Frame extends FrameFields {
  readonly bytes: Uint8Array;
  /** Where the rest (after the 32 bytes of header) begins and ends in `bytes`. */
  readonly start: number;
  readonly end: number;
}

export interface FrameLinkEvents {
  /** The other side's hello has come and a common version is found. At most once, before any frame. */
  onOpen(peer: Hello): void;
  onFrame(frame: Frame): void;
  /** The queue has emptied after `send` returned false. */
  onDrain(): void;
  /** The other side writes no more, in order. Frames may still be sent to it. */
  onEnd(): void;
  /** Exactly once, last. `reason` is undefined when both sides ended in order. */
  onClose(reason: LinkLoss | undefined): void;
}

/** Why a link is gone. `refused` and `unreachable`: it never opened. */
export interface LinkLoss {
  readonly kind: 'unreachable' | 'lost' | 'silent' | 'goaway' | 'incompatible' | 'other-cluster' | 'protocol';
  readonly text: string;
}

/** A live way to carry frames over one byte stream: hello, coalesced writes, keep-alive, orderly end. */
export interface FrameLink {
  /** Undefined before `onOpen`. */
  readonly peer: Hello | undefined;
  /** Bytes queued here and in the stream. */
  readonly queuedBytes: number;
  /**
   * Queues one frame whose rest is `head` followed by `body`. Small parts are copied; a body above 8 KiB is kept by
   * reference until written. Goes out at the end of the turn together with what else was queued. Returns false when the
   * queue is above its mark (1 MiB): stop until `onDrain`. After `end` or close it does nothing and returns true.
   */
  send(fields: FrameFields, head: Uint8Array | undefined, body: Uint8Array | undefined): boolean;
  /** Writes what is queued, then ends this half. */
  end(): void;
  /** Says why (goaway), writes it if it can, and closes. */
  goaway(reason: number, text: string): void;
  /** Stops reading until `resume`: back-pressure on the peer. Keep-alive does not judge while paused. */
  pause(): void;
  resume(): void;
  destroy(): void;
}
