import type { BodyKind } from '../protocol/body.ts';
import type { ByteCopies } from '../protocol/byte-copies.ts';
import type { ErrorCode } from '../protocol/error-code.ts';
import { FrameFlag } from '../protocol/frame.ts';
import type { MessageId, NodeId } from '../protocol/ids.ts';
import type { MessageHead } from '../protocol/message-head.ts';
import type { NameCache } from '../protocol/name-cache.ts';
import type { ReceivedFrame } from '../protocol/received-frame.ts';
import type { ReceivedHead } from '../protocol/received-head.ts';
import type { TextRecord } from '../protocol/text-record.ts';
import type { Delivery, DeliveryReply, ForwardedWork } from './provider.ts';
import type { ProvisionState } from './provisions.ts';

/** What a provider's word does. */
export interface WorkOwner {
  responded(work: Work, said: DeliveryReply): void;
  passed(work: Work, code: ErrorCode | undefined, rest: Uint8Array, at: number | undefined): void;
}

/**
 * A message a provider has in hand, or whose reply waits for room: both count for the provider's bound. It is its own head, for
 * what is its own of that is only the id: all messages of a run have the rest together [F19].
 */
export class Work implements ForwardedWork, Delivery, MessageHead {
  readonly peer: NodeId;
  readonly correlation: number;
  readonly deadlineAt: number;
  readonly deadlineMs: number;
  readonly replyWanted: boolean;
  readonly idempotent: boolean;
  readonly service: string;
  private readonly shared: ReceivedHead;
  /** Empty where it is passed on as it came, and so is the body. */
  id: MessageId = noId;
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
    this.shared = head;
    this.provision = to.provision;
    this.execution = to.execution;
  }

  get head(): MessageHead {
    return this;
  }

  get attempt(): number {
    return this.shared.attempt;
  }

  get bodyKind(): BodyKind {
    return this.shared.bodyKind;
  }

  get node(): string {
    return this.shared.node;
  }

  get command(): string {
    return this.shared.command;
  }

  get fromService(): string {
    return this.shared.fromService;
  }

  get fromNode(): string {
    return this.shared.fromNode;
  }

  get params(): TextRecord {
    return this.shared.params;
  }

  /** Copies the body, which begins at `bodyStart`, and makes the text of the id: of the frame nothing is needed any more. */
  keep(frame: ReceivedFrame, bodyStart: number, copies: ByteCopies, names: NameCache): void {
    this.id = names.ids.read(frame.bytes, frame.start);
    this.body = copies.takeOf(frame, bodyStart, frame.end);
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
const noId = '' as MessageId;

function nothing(): void {}
