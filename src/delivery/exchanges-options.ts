import type { MessageId, NodeId } from '../protocol/ids.ts';
import type { Clock } from '../runtime/clock.ts';
import type { FramesCarrier } from './carrier.ts';
import type { Chooser } from './chooser.ts';
import type { OnOwnerFault } from './owner-fault.ts';

/** What the origin's side of messages stands on. */
export interface ExchangesOptions {
  readonly clock: Clock;
  readonly self: NodeId;
  readonly selfName: string;
  readonly carrier: FramesCarrier;
  readonly chooser: Chooser;
  readonly newMessageId: () => MessageId;
  /** What it gave last, as it goes over the wire; undefined: it is read from the text. */
  readonly newIdBytes?: Uint8Array | undefined;
  readonly onOwnerFault: OnOwnerFault;
}
