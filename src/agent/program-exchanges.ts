import { publishedBody, triedBody } from '../api/program-reply.ts';
import { encodeDecisions } from '../api/program-wish.ts';
import { publishOutcomeOf } from '../api/publish-outcome-of.ts';
import { CorrelationTable } from '../delivery/correlation-table.ts';
import { DeliveredBatch } from '../delivery/delivered-batch.ts';
import type { ExchangeRequest } from '../delivery/exchange-request.ts';
import type { PublishSettlement } from '../delivery/publish-settlement.ts';
import type { Settlement } from '../delivery/settlement.ts';
import type { FrameLink } from '../links/frame-link.ts';
import type { FogataNode } from '../node/node.ts';
import type { Address } from '../protocol/address.ts';
import type { Body } from '../protocol/body.ts';
import type { ByteCopies } from '../protocol/byte-copies.ts';
import type { ErrorCode } from '../protocol/error-code.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { FrameFlag, FrameKind } from '../protocol/frame.ts';
import { messageIdBytes } from '../protocol/ids.ts';
import { deadlineMsMax, membersMax } from '../protocol/limits.ts';
import type { ReceivedFrame } from '../protocol/received-frame.ts';
import type { ReceivedHead } from '../protocol/received-head.ts';
import { type ReplyHead, writeReplyHead } from '../protocol/reply-head.ts';
import { type MessageOrigin, PassedMessage } from './passed-message.ts';
import { programFrame, reusedFrame } from './program-frame.ts';
import type { ProgramTools } from './program-tools.ts';
import { ProgramWishes } from './program-wishes.ts';

const noBody: Body = { kind: 'none', bytes: new Uint8Array(0) };

const unreadable = {
  outcome: 'unknown',
  service: '',
  node: '',
  params: {},
  bodyKind: 'none',
  load: undefined,
} as const;

interface OpenExchange {
  readonly correlation: number;
  giveUp: () => void;
}

type ReplyFields = Omit<ReplyHead, 'bodyKind' | 'load'>;

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
  readonly #replyFields = reusedFrame(FrameKind.reply);
  readonly #deliveredFields = reusedFrame(FrameKind.delivered);
  readonly #delivered = new DeliveredBatch(
    (first, rest) => {
      this.#deliveredFields.correlation = first;
      this.#link.send(this.#deliveredFields, rest, undefined);
      this.#onSettled();
    },
    () => undefined,
  );
  /** The node that the last one was delivered at. */
  #at: readonly string[] = [''];
  #to: Address = { service: '', node: '' };
  #published: PublishSettlement['instances'] = [];
  #publishedNodes: readonly string[] = [];

  constructor(node: FogataNode, link: FrameLink, tools: ProgramTools, onSettled: () => void) {
    this.#node = node;
    this.#link = link;
    this.#tools = tools;
    this.#onSettled = onSettled;
  }

  get inFlight(): number {
    return this.#open.size + this.#delivered.count;
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
      this.#answer(correlation, 'expired', 'deadline', 'the deadline had passed when it reached the agent');
    } else if (this.wishes.isSaid) {
      this.#beginAsWished(frame, head);
    } else if (isToAll && !isPublish) {
      this.#answer(correlation, 'refused', 'invalid', 'one instance is needed: publish reaches every one');
    } else if (isToAll === isPublish && head.fromNode === this.#node.name && hasId(frame)) {
      this.#pass(new PassedMessage(frame, this.#addressOf(head), copies, this), isPublish);
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
      this.#answer(correlation, 'refused', code, message);
    }
  }

  /** Answers at once that this cannot be done now. */
  refuse(frame: ReceivedFrame, reason: string): void {
    this.#answer(frame.correlation, 'refused', 'busy', reason);
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
    this.#send(correlation, rest, undefined);
    this.#settled(correlation);
  }

  passSettlement(correlation: number, settlement: Settlement): void {
    this.#reply(correlation, fieldsOf(settlement), bodyOf(settlement));
    this.#settled(correlation);
  }

  passDelivered(correlation: number, service: string, node: string): void {
    if (node !== this.#at[0]) this.#at = [node];
    this.#delivered.add(correlation, service, this.#at);
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
        const { instances } = settlement;
        if (settlement.isDelivered && instances.length <= membersMax) {
          return this.#publishDelivered(correlation, request.to.service, instances);
        }
        this.#reply(correlation, publishFields(settlement, request.to), publishedBody(instances));
        this.#settled(correlation);
      }),
    );
  }

  /** The same array of instances is the same list of nodes. */
  #publishDelivered(correlation: number, service: string, instances: PublishSettlement['instances']): void {
    if (instances !== this.#published) {
      this.#published = instances;
      this.#publishedNodes = instances.map(({ node }) => node);
    }
    this.#delivered.add(correlation, service, this.#publishedNodes);
    this.#open.delete(correlation);
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

  #answer(correlation: number, outcome: 'refused' | 'expired', code: ErrorCode, reason: string): void {
    this.#reply(correlation, { outcome, code, reason, service: '', node: '', params: {} }, noBody);
  }

  #reply(correlation: number, fields: ReplyFields, body: Body): void {
    const writer = this.#tools.writer;
    let carried = body;
    try {
      writer.reset();
      writeReplyHead(writer, { ...fields, bodyKind: body.kind, load: undefined });
    } catch (error) {
      const { code, message } = FogataError.from(error);
      carried = noBody;
      writer.reset();
      writeReplyHead(writer, { ...unreadable, code, reason: `the reply cannot be carried: ${message}` });
    }
    const bytes = carried.bytes.length > 0 ? carried.bytes : undefined;
    this.#send(correlation, writer.view(), bytes);
  }

  #send(correlation: number, head: Uint8Array, body: Uint8Array | undefined): void {
    this.#replyFields.correlation = correlation;
    this.#link.send(this.#replyFields, head, body);
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

function fieldsOf({ outcome, code, reason, instance, params }: Settlement): ReplyFields {
  return { outcome, code, reason, params, service: instance?.service ?? '', node: instance?.node ?? '' };
}

/** Only an answer has a body of the instance's; elsewhere its place tells what was tried. */
function bodyOf({ outcome, bodyKind, body, tried }: Settlement): Body {
  return outcome === 'answered' ? { kind: bodyKind, bytes: body } : triedBody(tried);
}

function publishFields(settlement: PublishSettlement, to: Address): ReplyFields {
  const { outcome, code, reason } = publishOutcomeOf(settlement, to);
  return { outcome, code, reason: reason ?? '', service: '', node: '', params: {} };
}
