import type { ErrorCode } from '../protocol/error-code.ts';
import { FrameFlag } from '../protocol/frame.ts';
import type { NodeId } from '../protocol/ids.ts';
import type { ReceivedFrame } from '../protocol/received-frame.ts';
import type { ReceivedHead } from '../protocol/received-head.ts';
import type { Delivery, DeliveryReply, ForwardedWork } from './provider.ts';
import type { ProvisionState } from './provisions.ts';

/** What a provider's word does. */
export interface WorkOwner {
  responded(work: Work, said: DeliveryReply): void;
  passed(work: Work, code: ErrorCode | undefined, rest: Uint8Array, at: number | undefined): void;
}

/** A message a provider has in hand, or whose reply waits for room: both count for the provider's bound. */
export class Work implements ForwardedWork, Delivery {
  readonly peer: NodeId;
  readonly correlation: number;
  readonly deadlineAt: number;
  readonly deadlineMs: number;
  readonly replyWanted: boolean;
  readonly idempotent: boolean;
  readonly service: string;
  readonly head: ReceivedHead;
  /** Empty where it is passed on as it came. */
  body: Uint8Array = noBytes;
  readonly provision: ProvisionState;
  /** Its name among the executed messages. */
  readonly execution: number;
  isInHand = true;
  isAnswered = false;
  /** The reply, which found no room. */
  waiting: { readonly head: Uint8Array; readonly body: Uint8Array | undefined } | undefined = undefined;
  cancel: () => void = nothing;
  private readonly owner: WorkOwner;

  constructor(
    owner: WorkOwner,
    peer: NodeId,
    { correlation, deadlineMs, flags }: ReceivedFrame,
    head: ReceivedHead,
    to: { readonly provision: ProvisionState; readonly execution: number; readonly now: number },
  ) {
    this.owner = owner;
    this.peer = peer;
    this.correlation = correlation;
    this.deadlineMs = deadlineMs;
    this.deadlineAt = to.now + deadlineMs;
    this.replyWanted = (flags & FrameFlag.replyWanted) !== 0;
    this.idempotent = (flags & FrameFlag.idempotent) !== 0;
    this.service = head.service;
    this.head = head;
    this.provision = to.provision;
    this.execution = to.execution;
  }

  respond(said: DeliveryReply): void {
    if (this.isAnswered) return;
    this.isAnswered = true;
    this.owner.responded(this, said);
  }

  pass(code: ErrorCode | undefined, rest: Uint8Array, at: number | undefined): void {
    if (this.isAnswered) return;
    this.isAnswered = true;
    this.owner.passed(this, code, rest, at);
  }
}

const noBytes = new Uint8Array(0);

function nothing(): void {}
