import type { ErrorCode } from '../protocol/error-code.ts';
import type { NodeId } from '../protocol/ids.ts';
import type { ReceivedFrame } from '../protocol/received-frame.ts';
import type { DeliveryReply, ForwardedWork } from './provider.ts';
import type { ProvisionState } from './provisions.ts';

/** What a provider's word does. */
export interface WorkOwner {
  responded(work: Work, said: DeliveryReply): void;
  passed(work: Work, code: ErrorCode | undefined, rest: Uint8Array): void;
}

interface WorkFields {
  readonly peer: NodeId;
  readonly frame: ReceivedFrame;
  readonly service: string;
  readonly provision: ProvisionState;
  readonly execution: number;
  readonly idempotent: boolean;
  readonly now: number;
}

/** A message a provider has in hand, or whose reply waits for room: both count for the provider's bound. */
export class Work implements ForwardedWork {
  readonly peer: NodeId;
  readonly correlation: number;
  readonly deadlineAt: number;
  readonly idempotent: boolean;
  readonly service: string;
  readonly provision: ProvisionState;
  /** Its name among the executed messages. */
  readonly execution: number;
  isInHand = true;
  isAnswered = false;
  /** The reply, which found no room. */
  waiting: { readonly head: Uint8Array; readonly body: Uint8Array | undefined } | undefined = undefined;
  cancel: () => void = nothing;
  private readonly owner: WorkOwner;

  constructor(owner: WorkOwner, fields: WorkFields) {
    this.owner = owner;
    this.peer = fields.peer;
    this.correlation = fields.frame.correlation;
    this.deadlineAt = fields.now + fields.frame.deadlineMs;
    this.idempotent = fields.idempotent;
    this.service = fields.service;
    this.provision = fields.provision;
    this.execution = fields.execution;
  }

  respond(said: DeliveryReply): void {
    if (this.isAnswered) return;
    this.isAnswered = true;
    this.owner.responded(this, said);
  }

  pass(code: ErrorCode | undefined, rest: Uint8Array): void {
    if (this.isAnswered) return;
    this.isAnswered = true;
    this.owner.passed(this, code, rest);
  }
}

function nothing(): void {}
