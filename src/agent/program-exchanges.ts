import { encodeDecisions } from '../api/program-wish.ts';
import { CorrelationTable } from '../delivery/correlation-table.ts';
import type { ExchangeRequest } from '../delivery/exchange-request.ts';
import type { Settlement } from '../delivery/settlement.ts';
import type { FrameLink } from '../links/frame-link.ts';
import type { FogataNode } from '../node/node.ts';
import type { Address } from '../protocol/address.ts';
import type { ByteCopies } from '../protocol/byte-copies.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { FrameFlag, FrameKind } from '../protocol/frame.ts';
import { messageIdBytes } from '../protocol/ids.ts';
import { deadlineMsMax } from '../protocol/limits.ts';
import type { ReceivedFrame } from '../protocol/received-frame.ts';
import type { ReceivedHead } from '../protocol/received-head.ts';
import { type MessageOrigin, PassedMessage } from './passed-message.ts';
import { programFrame } from './program-frame.ts';
import { ProgramReplies } from './program-replies.ts';
import type { ProgramTools } from './program-tools.ts';
import { ProgramWishes } from './program-wishes.ts';

interface OpenExchange {
  readonly correlation: number;
  giveUp: () => void;
}

/**
 * What a program has asked its agent to carry and has no answer to yet: its messages (frame 6) go to the node, their
 * settlements back to it (frame 7).
 */
export class ProgramExchanges implements MessageOrigin {
  readonly wishes = new ProgramWishes();
  readonly #node: FogataNode;
  readonly #link: FrameLink;
  readonly #onSettled: () => void;
  readonly #open = new CorrelationTable<OpenExchange>();
  readonly #tools: ProgramTools;
  readonly #replies: ProgramReplies;
  #to: Address = { service: '', node: '' };

  constructor(node: FogataNode, link: FrameLink, tools: ProgramTools, onSettled: () => void) {
    this.#node = node;
    this.#link = link;
    this.#tools = tools;
    this.#onSettled = onSettled;
    this.#replies = new ProgramReplies(link, tools.writer, onSettled);
  }

  get inFlight(): number {
    return this.#open.size + this.#replies.waiting;
  }

  /** Returns what is wrong with the frame, which is the end of the link; undefined when it was taken. */
  begin(frame: ReceivedFrame): string | undefined {
    const { head, reader, copies } = this.#tools;
    head.reset(frame);
    const malformed = head.read(reader);
    if (malformed !== undefined) return `bad message: ${malformed}`;
    const { correlation } = frame;
    if (this.#open.get(correlation) !== undefined) return `correlation ${correlation} is open already`;
    const isPublish = (frame.flags & FrameFlag.publish) !== 0;
    const isToAll = head.node === '*';
    if (frame.deadlineMs < 1) {
      this.#replies.failed(correlation, 'expired', 'deadline', 'the deadline had passed when it reached the agent');
    } else if (this.wishes.isSaid) {
      this.#beginAsWished(frame, head);
    } else if (isToAll && !isPublish) {
      this.#replies.failed(correlation, 'refused', 'invalid', 'one instance is needed: publish reaches every one');
    } else if (isToAll === isPublish && head.fromNode === this.#node.name && hasId(frame)) {
      this.#pass(
        new PassedMessage(frame, { address: this.#addressOf(head), bodyStart: head.bodyStart }, copies, this),
        isPublish,
      );
    } else if (isPublish) this.#publish(correlation, requestOf(frame, head, copies));
    else this.#exchange(correlation, requestOf(frame, head, copies));
    return undefined;
  }

  /** [F12] It says all that its agent would put in. */
  #pass(passed: PassedMessage, isPublish: boolean): void {
    if (isPublish) this.#publish(passed.correlation, passed);
    else {
      // It may be settled before the node has told how to give it up.
      this.#open.set(passed.correlation, passed);
      passed.giveUp = this.#node.exchange(passed, passed.settle);
    }
    passed.frameEnds();
  }

  /** Nearly always the same again. */
  #addressOf({ service, node }: ReceivedHead): Address {
    if (this.#to.service !== service || this.#to.node !== node) this.#to = { service, node };
    return this.#to;
  }

  /** It is not passed on as it is: labels are not in its head, and accounts of choices go back beside its answer. */
  #beginAsWished(frame: ReceivedFrame, head: ReceivedHead): void {
    const { correlation, flags } = frame;
    try {
      const { labels, ...wishes } = this.wishes.take(correlation, (flags & FrameFlag.idempotent) !== 0, 'call');
      const plain = requestOf(frame, head, this.#tools.copies);
      const to = labels === undefined ? plain.to : { ...plain.to, labels };
      const request = { ...plain, ...wishes, to };
      if ((flags & FrameFlag.publish) !== 0) this.#publish(correlation, request);
      else this.#exchange(correlation, request);
    } catch (error) {
      const { code, message } = FogataError.from(error);
      this.#replies.failed(correlation, 'refused', code, message);
    }
  }

  /** Answers at once that this cannot be done now. */
  refuse(frame: ReceivedFrame, reason: string): void {
    this.#replies.failed(frame.correlation, 'refused', 'busy', reason);
  }

  /** The program gives up; false when nothing of that name is open. */
  cancel(correlation: number): boolean {
    const open = this.#open.get(correlation);
    open?.giveUp();
    return open !== undefined;
  }

  /** The program is gone: gives up everything. */
  close(): void {
    const all = this.#open.inOrder();
    for (const { giveUp } of all) giveUp();
    for (const { correlation } of all) this.#open.delete(correlation);
  }

  passReply(correlation: number, rest: Uint8Array): void {
    this.#replies.pass(correlation, rest);
    this.#settled(correlation);
  }

  passSettlement(correlation: number, settlement: Settlement): void {
    this.#replies.settled(correlation, settlement);
    this.#settled(correlation);
  }

  passDelivered(correlation: number, service: string, node: string): void {
    this.#replies.delivered(correlation, service, node);
    this.#open.delete(correlation);
  }

  #exchange(correlation: number, request: ExchangeRequest): void {
    this.#track(correlation, () =>
      this.#node.exchange(request, (settlement) => {
        const decisions = request.wish?.decisions;
        if (decisions !== undefined) {
          this.#link.send(programFrame(FrameKind.decision, correlation), undefined, encodeDecisions(decisions));
        }
        this.passSettlement(correlation, settlement);
      }),
    );
  }

  #publish(correlation: number, request: ExchangeRequest): void {
    this.#track(correlation, () =>
      this.#node.publish(request, (settlement) => {
        this.#open.delete(correlation);
        this.#replies.published(correlation, settlement, request.to);
      }),
    );
  }

  /** It may be settled before the node has told how to give it up. */
  #track(correlation: number, start: () => () => void): void {
    const open: OpenExchange = { correlation, giveUp: nothing };
    this.#open.set(correlation, open);
    open.giveUp = start();
  }

  #settled(correlation: number): void {
    this.#open.delete(correlation);
    this.#onSettled();
  }
}

function nothing(): void {}

/** [F12] Without one the node makes one. */
function hasId({ bytes, start }: ReceivedFrame): boolean {
  for (let at = start; at < start + messageIdBytes; at++) if (bytes[at] !== 0) return true;
  return false;
}

function requestOf(frame: ReceivedFrame, head: ReceivedHead, copies: ByteCopies): ExchangeRequest {
  return {
    id: hasId(frame) ? head.id : undefined,
    to: { service: head.service, node: head.node },
    command: head.command,
    params: head.params,
    bodyKind: head.bodyKind,
    body: copies.take(frame.bytes, head.bodyStart, frame.end),
    replyWanted: (frame.flags & FrameFlag.replyWanted) !== 0,
    idempotent: (frame.flags & FrameFlag.idempotent) !== 0,
    deadlineMs: Math.min(frame.deadlineMs, deadlineMsMax),
    fromService: head.fromService,
  };
}
