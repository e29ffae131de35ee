import type { BodyKind } from '../protocol/body.ts';
import type { ErrorCode } from '../protocol/error-code.ts';
import type { MessageId } from '../protocol/ids.ts';
import type { OutcomeWord } from '../protocol/reply-head.ts';

/** One attempt that came to nothing. `node` is the node's name. */
export interface FailedAttempt {
  readonly service: string;
  readonly node: string;
  readonly code: ErrorCode;
  readonly reason: string;
}

/** How an exchange ended, bodies still as bytes. Exactly one per exchange. */
export interface Settlement {
  readonly outcome: OutcomeWord;
  readonly id: MessageId;
  /** Who answered or has it; undefined when nobody. */
  readonly instance: { readonly service: string; readonly node: string } | undefined;
  /** Undefined when answered or delivered. */
  readonly code: ErrorCode | undefined;
  readonly reason: string;
  readonly params: Readonly<Record<string, string>>;
  readonly bodyKind: BodyKind;
  /** The settlement's own copy. */
  readonly body: Uint8Array;
  readonly tried: readonly FailedAttempt[];
  readonly elapsedMs: number;
}
