import type { EncodedMessage, ExchangeRequest } from '../delivery/exchange-request.ts';
import type { Settlement } from '../delivery/settlement.ts';
import type { Address } from '../protocol/address.ts';
import type { BodyKind } from '../protocol/body.ts';
import type { ByteCopies } from '../protocol/byte-copies.ts';
import { FrameFlag } from '../protocol/frame.ts';
import type { MessageId } from '../protocol/ids.ts';
import { deadlineMsMax } from '../protocol/limits.ts';
import { Reader } from '../protocol/reader.ts';
import type { ReceivedFrame } from '../protocol/received-frame.ts';
import { ReceivedHead } from '../protocol/received-head.ts';
import type { TextRecord } from '../protocol/text-record.ts';

/** Where the message came from: what became of it goes there. */
export interface MessageOrigin {
  /** `rest`: of the reply frame. */
  passReply(correlation: number, rest: Uint8Array): void;
  passDelivered(correlation: number, service: string, node: string): void;
  /** It came to something else. */
  passSettlement(correlation: number, settlement: Settlement): void;
}

/**
 * A program's message that says already what its agent would put in [F12]: it goes on as it came, and so does its answer.
 * One copy is kept in case that it has to go to another instance; what nobody asks for is not decoded.
 */
export class PassedMessage implements ExchangeRequest, EncodedMessage {
  readonly to: Address;
  readonly replyWanted: boolean;
  readonly idempotent: boolean;
  readonly deadlineMs: number;
  readonly correlation: number;
  readonly headBytes: number;
  /** How its program gives it up. */
  giveUp: () => void = nothing;
  readonly settle = (settlement: Settlement): void => this.origin.passSettlement(this.correlation, settlement);
  private readonly origin: MessageOrigin;
  /** Where the copy lies. */
  private readonly kept: Uint8Array;
  private readonly keptAt: number;
  private readonly keptBytes: number;
  /** A window on the frame, for as long as it is there; then, when it goes out once more, on the copy. */
  private window: Uint8Array | undefined;
  private decoded: ReceivedHead | undefined = undefined;

  constructor(
    frame: ReceivedFrame,
    to: { readonly address: Address; readonly bodyStart: number },
    copies: ByteCopies,
    origin: MessageOrigin,
  ) {
    const { bytes, start, end, flags } = frame;
    const window = bytes.subarray(start, end);
    this.window = window;
    this.keptBytes = window.length;
    this.keptAt = copies.place(window, 0, window.length);
    this.kept = copies.placed;
    this.to = to.address;
    this.headBytes = to.bodyStart - start;
    this.replyWanted = (flags & FrameFlag.replyWanted) !== 0;
    this.idempotent = (flags & FrameFlag.idempotent) !== 0;
    this.deadlineMs = Math.min(frame.deadlineMs, deadlineMsMax);
    this.correlation = frame.correlation;
    this.origin = origin;
  }

  get encoded(): EncodedMessage {
    return this;
  }

  get rest(): Uint8Array {
    this.window ??= this.kept.subarray(this.keptAt, this.keptAt + this.keptBytes);
    return this.window;
  }

  /** The frame it came in is no more. */
  frameEnds(): void {
    this.window = undefined;
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
    const { bytes, bodyStart, end } = this.head;
    return bytes.subarray(bodyStart, end);
  }

  get fromService(): string {
    return this.head.fromService;
  }

  /** It was read before, and is well formed. */
  private get head(): ReceivedHead {
    if (this.decoded === undefined) {
      const head = new ReceivedHead();
      head.reset({ bytes: this.kept, start: this.keptAt, end: this.keptAt + this.keptBytes });
      head.read(new Reader(this.kept));
      this.decoded = head;
    }
    return this.decoded;
  }
}

function nothing(): void {}
