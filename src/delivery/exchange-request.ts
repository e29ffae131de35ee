import type { Address } from '../protocol/address.ts';
import type { BodyKind } from '../protocol/body.ts';
import type { MessageId } from '../protocol/ids.ts';
import type { ChoiceWish, Chosen } from './chooser.ts';

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
  /** A copy may go to another instance after so many milliseconds, or when most answers would have come. Idempotent only. */
  readonly hedge?: Hedge | undefined;
  /** Of one that is passed on: what goes over the wire in place of head and body. */
  readonly encoded?: EncodedMessage | undefined;
}

/** When the copy goes; undefined: when 95 % of the service's answers would have come. */
export interface Hedge {
  readonly afterMs: number | undefined;
}

/** A message that is encoded already, by somebody else or for several instances, and whose answer is taken as it comes. */
export interface EncodedMessage {
  /** Head and mostly body, checked, with the id and this node's name in it. The attempt is changed in place [F12]. */
  readonly rest: Uint8Array;
  /** Where the head ends in it. */
  readonly headBytes: number;
  /** The body, where it is not in `rest`. */
  readonly bodyApart?: Uint8Array | undefined;
  /**
   * Takes the settlement's place where the outcome is `answered` or `delivered`: the rest of the reply frame, checked, and
   * valid only during the call. `only`: the instance that was fixed.
   */
  pass(rest: Uint8Array, only?: Chosen): void;
  /** The same where all that was said is `delivered`: the instance of its service on this node has it. */
  delivered(node: string, only?: Chosen): void;
}

/** How many bytes its body has; of one that is encoded with it, and so was checked, 0. */
export function bodyBytesOf(request: ExchangeRequest): number {
  const { encoded } = request;
  // To look at the body of one that is passed on would be to take it apart.
  const apart = encoded === undefined ? request.body : encoded.bodyApart;
  return apart?.length ?? 0;
}
