import type { EncodedMessage, ExchangeRequest } from '../delivery/exchange-request.ts';
import type { Address } from '../protocol/address.ts';
import type { BodyKind } from '../protocol/body.ts';
import type { ByteCopies } from '../protocol/byte-copies.ts';
import { FrameFlag } from '../protocol/frame.ts';
import type { MessageId } from '../protocol/ids.ts';
import { deadlineMsMax } from '../protocol/limits.ts';
import type { ReceivedFrame } from '../protocol/received-frame.ts';
import type { ReceivedHead } from '../protocol/received-head.ts';
import type { TextRecord } from '../protocol/text-record.ts';

/** Where the message came from: what became of it goes there. */
export interface MessageOrigin {
  /** `rest`: of the reply frame. */
  passReply(correlation: number, rest: Uint8Array): void;
  passDelivered(correlation: number, service: string, node: string): void;
}

/**
 * A program's message that says already what its agent would put in [F12]: it goes on as it came, and so does its answer.
 * What nobody asks for is not decoded.
 */
export class PassedMessage implements ExchangeRequest, EncodedMessage {
  readonly to: Address;
  readonly replyWanted: boolean;
  readonly idempotent: boolean;
  readonly deadlineMs: number;
  readonly correlation: number;
  private readonly head: ReceivedHead;
  private readonly content: Uint8Array;
  private readonly origin: MessageOrigin;

  constructor(frame: ReceivedFrame, head: ReceivedHead, copies: ByteCopies, origin: MessageOrigin) {
    this.content = head.keep(copies);
    this.head = head;
    this.to = { service: head.service, node: head.node };
    this.replyWanted = (frame.flags & FrameFlag.replyWanted) !== 0;
    this.idempotent = (frame.flags & FrameFlag.idempotent) !== 0;
    this.deadlineMs = Math.min(frame.deadlineMs, deadlineMsMax);
    this.correlation = frame.correlation;
    this.origin = origin;
  }

  get encoded(): EncodedMessage {
    return this;
  }

  get rest(): Uint8Array {
    const { bytes, start, end } = this.head;
    return bytes.subarray(start, end);
  }

  pass(rest: Uint8Array): void {
    this.origin.passReply(this.correlation, rest);
  }

  delivered(node: string): void {
    this.origin.passDelivered(this.correlation, this.to.service, node);
  }

  get id(): MessageId {
    return this.head.id;
  }

  get command(): string {
    return this.head.command;
  }

  get params(): TextRecord {
    return this.head.params;
  }

  get bodyKind(): BodyKind {
    return this.head.bodyKind;
  }

  get body(): Uint8Array {
    return this.content;
  }

  get fromService(): string {
    return this.head.fromService;
  }
}
