import type { BodyKind } from '../protocol/body.ts';
import type { ErrorCode } from '../protocol/error-code.ts';
import type { MessageHead } from '../protocol/message-head.ts';
import type { AcceptedStream, StreamEvents } from './mesh-stream.ts';

/** A message that has reached the node of its instance. */
export interface Delivery {
  readonly head: MessageHead;
  /** The receiver's to keep. */
  readonly body: Uint8Array;
  readonly replyWanted: boolean;
  readonly idempotent: boolean;
  /** Milliseconds left. */
  readonly deadlineMs: number;
}

/** What the instance says to it. */
export interface DeliveryReply {
  /** `delivered` answers a one-way message, `answered` a call; the rest say why not. */
  readonly outcome: 'answered' | 'delivered' | 'expired' | 'refused' | 'unknown';
  readonly code: ErrorCode | undefined;
  readonly reason: string;
  readonly params: Readonly<Record<string, string>>;
  readonly bodyKind: BodyKind;
  readonly body: Uint8Array;
}

/** One program that serves: in this process, behind a program link, behind a delivery URL or a plain HTTP target. */
export interface Provider {
  /**
   * Takes a message. `respond` is to be called exactly once; later calls are ignored. Must not throw.
   * Returns what to do when the caller gave up or the deadline passed before `respond`.
   */
  deliver(delivery: Delivery, respond: (reply: DeliveryReply) => void): () => void;
  /**
   * Takes a stream; undefined: this provider takes none. Must not throw. The provider calls `stream.ready()` once its
   * program is reached, then `accept()` or `reset()`.
   */
  readonly open: ((stream: AcceptedStream) => StreamEvents) | undefined;
}

export interface ProvideOptions {
  readonly kinds: { readonly messages: boolean; readonly http: boolean };
  readonly weight: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly inFlightMax: number;
}

/** A provider's place in the node. Several providers of one service on one node make one instance to the outside. */
export interface Provision {
  readonly service: string;
  setLoad(load: number | undefined): void;
  /** `down`: its check fails; it gets work only when no instance is up. */
  setState(state: 'up' | 'down'): void;
  /** Takes no new work at once; resolves when work in hand has ended or after `graceMs`. */
  withdraw(graceMs: number): Promise<void>;
}
