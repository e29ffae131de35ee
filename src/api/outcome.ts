import type { BodyValue } from '../protocol/body.ts';
import type { ErrorCode } from '../protocol/error-code.ts';
import type { Decision } from '../selection/decision.ts';
import type { Strategy } from '../selection/strategy.ts';

export type Params = Readonly<Record<string, string>>;

export interface MessageOptions {
  /** At most 64; values are text. */
  readonly params?: Params;
  /** Bytes, text, or anything JSON can say; at most 1 MiB encoded. Bytes are not copied: leave them until it is settled. */
  readonly body?: BodyValue;
  /** Time for all of it, retries included; 1 ms to 24 h. Default 10,000: longer than people wait, shorter than they forget. */
  readonly deadlineMs?: number;
  /** Doing it twice does no harm: it may be tried elsewhere although the first may have done it. Default false. */
  readonly idempotent?: boolean;
  /** Gives up: the outcome is `unknown` with code `cancelled` where an instance may have it, else `refused`. */
  readonly signal?: AbortSignal;
  /** The service in whose name this is said. Default none. */
  readonly from?: string;
  /** How the instance is chosen. Default: as the agent is set for the service, else `best`. */
  readonly strategy?: Strategy;
  /** What has the same key goes to the same instance, as long as it is well: strategy `sticky`. 1 to 255 bytes. */
  readonly sticky?: string;
  /**
   * Idempotent calls only: when no answer has come after so many milliseconds (true: when 95 % of the service's answers would
   * have come) a copy goes to another instance, and the first answer counts. Default false.
   */
  readonly hedge?: boolean | number;
  /** The outcome tells how each instance was chosen. Default false: it costs as much as ten choices. */
  readonly explain?: boolean;
}

/** Who did it: an instance is a service on a node (shown by name). */
export interface Instance {
  readonly service: string;
  readonly node: string;
}

/** One attempt that did not succeed, for explanations. */
export interface Attempt extends Instance {
  readonly code: ErrorCode;
  readonly reason: string;
}

interface Settled {
  /** Message id, 32 hexadecimal digits. */
  readonly id: string;
  readonly elapsedMs: number;
  /** One for each attempt, where `explain` asked for it. */
  readonly decisions?: readonly Decision[];
}

interface Unsuccessful extends Settled {
  readonly code: ErrorCode;
  /** What happened, for people. */
  readonly reason: string;
  /** The same again may succeed later. */
  readonly retryable: boolean;
  /** Instances tried, in order. */
  readonly tried: readonly Attempt[];
}

export interface Answered<ReplyBody = BodyValue> extends Settled {
  readonly outcome: 'answered';
  readonly instance: Instance;
  readonly reply: AnsweredReply<ReplyBody>;
}

export interface AnsweredReply<ReplyBody = BodyValue> {
  readonly params: Params;
  readonly body: ReplyBody;
}

export interface Delivered extends Settled {
  readonly outcome: 'delivered';
  readonly instance: Instance;
}

/** On the origin's disk, synced; delivered when the receiver is back. */
export interface Stored extends Settled {
  readonly outcome: 'stored';
}

/** The deadline passed before any instance had it: it was not and will not be executed. Or it was idempotent. */
export interface Expired extends Unsuccessful {
  readonly outcome: 'expired';
}

/** Known not to have been done. `code` says why. */
export interface Refused extends Unsuccessful {
  readonly outcome: 'refused';
}

/** An instance had it and no answer came: it may or may not have been done. */
export interface Unknown extends Unsuccessful {
  readonly outcome: 'unknown';
}

/** What became of a message: exactly one of these. `ReplyBody` is what the caller expects; it is not checked. */
export type Outcome<ReplyBody = BodyValue> = Answered<ReplyBody> | Delivered | Stored | Expired | Refused | Unknown;

export interface PublishOutcome extends Settled {
  /** `delivered` when every instance has it, else the first other outcome among them; `refused` when there was none. */
  readonly outcome: 'delivered' | 'stored' | 'expired' | 'refused' | 'unknown';
  readonly instances: readonly PublishedInstance[];
  /** Set when the outcome is not `delivered`. */
  readonly code?: ErrorCode;
  readonly reason?: string;
}

export interface PublishedInstance extends Instance {
  readonly outcome: 'delivered' | 'stored' | 'expired' | 'refused' | 'unknown';
  readonly code?: ErrorCode;
  readonly reason?: string;
}
