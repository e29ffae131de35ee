import type { Address } from '../protocol/address.ts';
import type { BodyKind } from '../protocol/body.ts';
import type { MessageId } from '../protocol/ids.ts';
import type { ChoiceWish } from './chooser.ts';

/** What a program asks its node to carry. Validated by whoever builds it. */
export interface ExchangeRequest {
  /** Undefined: the node makes one. */
  readonly id: MessageId | undefined;
  readonly to: Address;
  readonly command: string;
  readonly params: Readonly<Record<string, string>>;
  readonly bodyKind: BodyKind;
  /** Not changed until the exchange is settled. */
  readonly body: Uint8Array;
  /** True for `call`, false for `send`. */
  readonly replyWanted: boolean;
  readonly idempotent: boolean;
  readonly deadlineMs: number;
  /** '' when none. */
  readonly fromService: string;
  /** What is wanted of the choice of an instance; undefined: nothing special. */
  readonly wish?: ChoiceWish | undefined;
}
