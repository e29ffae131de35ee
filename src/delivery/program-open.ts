import type { Address } from '../protocol/address.ts';
import type { BodyKind } from '../protocol/body.ts';
import type { ChoiceWish } from './chooser.ts';

/** What a program wants opened. Validated by whoever builds it. */
export interface ProgramOpen {
  readonly to: Address;
  /** `http` is the proxy's: it goes to instances that take HTTP, all others to those that take streams. */
  readonly command: string;
  readonly params: Readonly<Record<string, string>>;
  readonly bodyKind: BodyKind;
  /** Travels with the open. */
  readonly body: Uint8Array;
  /** It may be opened elsewhere although a program was reached and may have begun. */
  readonly idempotent: boolean;
  /** Until it is accepted; Infinity for none. */
  readonly deadlineMs: number;
  /** '' when none. */
  readonly fromService: string;
  readonly wish?: ChoiceWish | undefined;
}
