import type { BodyKind } from '../protocol/body.ts';
import type { ErrorCode } from '../protocol/error-code.ts';
import type { MessageHead } from '../protocol/message-head.ts';

/** The answer to an open: for HTTP, status and headers in `body`. */
export interface StreamHead {
  readonly params: Readonly<Record<string, string>>;
  readonly bodyKind: BodyKind;
  readonly body: Uint8Array;
}

/** Who took a stream. */
export interface StreamInstance {
  readonly service: string;
  /** Name of its node. */
  readonly node: string;
}

/** What a stream tells its owner. Ends with exactly one of `onFinish` and `onReset`, never after its own `reset()`. */
export interface StreamEvents {
  /** Opener only: the program at the other end is reached and takes bytes. At most once, before the first `onDrain`. */
  onReady(): void;
  /** Opener only, at most once. `instance` is the one that took it. */
  onAccept(head: StreamHead, instance: StreamInstance): void;
  /** `bytes` is valid only during the call. Call `consumed()` as they are worked off. */
  onData(bytes: Uint8Array): void;
  /** More may be written after `write` returned false. */
  onDrain(): void;
  /** The other side writes no more. */
  onEnd(): void;
  /** Both sides have ended; nothing follows. */
  onFinish(): void;
  /** Broken off by the other side, the link or the deadline; nothing follows. */
  onReset(code: ErrorCode, reason: string): void;
}

/** One side of a stream of bytes between two programs, with flow control ([F7] to [F9]). */
export interface MeshStream {
  /**
   * Sends bytes of any length, kept by reference until written. What exceeds the credit waits in memory, so stop at
   * false and go on at `onDrain`.
   */
  write(bytes: Uint8Array): boolean;
  end(): void;
  /** Breaks off both directions. Nothing further is told. */
  reset(code: ErrorCode, reason: string): void;
  /** `count` received bytes are worked off: the other side may send as many more. */
  consumed(count: number): void;
  /**
   * Of what was written so many bytes, the last of them, may still be held by reference: what came before them may be used for
   * something else. Infinity: not known, as once it is over.
   */
  unwrittenBytes(): number;
}

/** The side that opened. */
export interface OpenedStream extends MeshStream {
  /** True once the other side may have begun to act on it: from then on only idempotent work may be tried elsewhere. */
  begun(): boolean;
  /** The answer is a failure of the instance: to be said before `onAccept` returns. The stream goes on. */
  blame(): void;
}

/** The side that was opened to. */
export interface AcceptedStream extends MeshStream {
  readonly head: MessageHead;
  /** The open's body: for HTTP, method, target and headers. The receiver's to keep. */
  readonly body: Uint8Array;
  readonly idempotent: boolean;
  /** Milliseconds left, Infinity without a deadline. */
  readonly deadlineMs: number;
  /** Grants the first credit: the program is reached. Implied by `accept`. */
  ready(): void;
  /** Writes `bytes`, a few kilobytes at most, and ends. */
  endWith(bytes: Uint8Array): void;
  /** `instance`: who took it, where that is not this node's instance of the service. */
  accept(head: StreamHead, instance?: StreamInstance): void;
}
