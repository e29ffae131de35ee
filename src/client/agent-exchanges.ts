import { readPublished, readTried } from '../api/program-reply.ts';
import { encodeWish, readDecisions } from '../api/program-wish.ts';
import { CorrelationTable } from '../delivery/correlation-table.ts';
import type { ExchangeRequest } from '../delivery/exchange-request.ts';
import { MessageHeads } from '../delivery/message-heads.ts';
import { MessageIds } from '../delivery/message-ids.ts';
import {
  deliveredAtAll,
  type PublishedAt,
  type PublishSettlement,
  publishedAt,
} from '../delivery/publish-settlement.ts';
import type { Settlement } from '../delivery/settlement.ts';
import { ReceivedAlike } from '../protocol/alike.ts';
import { ByteCopies } from '../protocol/byte-copies.ts';
import { ReceivedDelivered } from '../protocol/delivered.ts';
import type { ErrorCode } from '../protocol/error-code.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { FrameKind } from '../protocol/frame.ts';
import { exchangesMax, queuedBytesMax } from '../protocol/limits.ts';
import { setMessageAttempt, setMessageId, writeMessageHead } from '../protocol/message-head.ts';
import { NameCache } from '../protocol/name-cache.ts';
import { Reader } from '../protocol/reader.ts';
import type { ReceivedFrame } from '../protocol/received-frame.ts';
import { ReceivedReply } from '../protocol/reply-head.ts';
import { noTexts } from '../protocol/text-record.ts';
import { Writer } from '../protocol/writer.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Random } from '../runtime/random.ts';
import type { AgentLink } from './agent-link.ts';
import {
  answeredSettlement,
  attemptOf,
  deliveredSettlement,
  flagsOf,
  headOf,
  isDoubtful,
  ownSettlement,
  PendingExchange,
  toldSettlement,
  wasSent,
} from './pending-exchange.ts';

/** Deadlines are the agent's to keep. This side looks this often, and gives the agent's word this long to come. */
const sweepIntervalMs = 100;
const lateMs = 500;

const noBytes = new Uint8Array(0);
const nothingTried: Settlement['tried'] = [];

/** Messages in flight over the link to the agent. */
export class AgentExchanges {
  private readonly link: AgentLink;
  private readonly clock: Clock;
  /** Even ones; requests and watches have the odd ones. */
  private readonly pendings = new CorrelationTable<PendingExchange>(2);
  private readonly idlers: (() => void)[] = [];
  private readonly writer = new Writer();
  private heads = new MessageHeads();
  /** Written over for each message: the link has read it when `send` returns. */
  private readonly frame = { kind: FrameKind.message, correlation: 0, flags: 0, deadlineMs: 0, reckonedAt: 0 };
  private readonly reader = new Reader(noBytes, 0, 0, new NameCache());
  private readonly received = new ReceivedReply();
  private readonly delivered = new ReceivedDelivered();
  private readonly alike = new ReceivedAlike();
  private readonly copies = new ByteCopies();
  private readonly ids: MessageIds;
  /** Of bodies that wait for a link. */
  private waitingBytes = 0;
  private isSweeping = false;

  constructor(link: AgentLink, tools: { readonly clock: Clock; readonly random: Random }) {
    this.link = link;
    this.clock = tools.clock;
    this.ids = new MessageIds(tools.random);
  }

  exchange(request: ExchangeRequest, settle: (settlement: Settlement) => void): () => void {
    return this.begin(request, false, settle);
  }

  publish(request: ExchangeRequest, settle: (settled: PublishSettlement) => void): () => void {
    return this.begin(request, true, (settlement, told) => {
      const { id, elapsedMs, outcome, code } = settlement;
      const isDelivered = outcome === 'delivered';
      const isTold = told.length > 0 || isDelivered || code === 'no-instance';
      const instances = isTold ? told : [publishedAt(settlement, request.to.service, '')];
      settle({ id, elapsedMs, instances, isDelivered });
    });
  }

  onReply(frame: ReceivedFrame): void {
    const pending = this.pendings.get(frame.correlation);
    if (pending === undefined) return;
    const { received, reader } = this;
    reader.reset(frame.bytes, frame.start, frame.end);
    const malformed = received.read(reader);
    if (malformed !== undefined) {
      this.fail(pending, 'unknown', 'protocol', `the agent's reply cannot be read: ${malformed}`);
      return;
    }
    const now = frame.readAt ?? this.clock.now();
    const body = this.copies.takeOf(frame, received.bodyStart, frame.end);
    if (received.outcome !== 'answered') {
      const told = { kind: received.bodyKind, bytes: body };
      if (pending.isPublish)
        this.settle(pending, toldSettlement(pending, received, nothingTried, now), readPublished(told));
      else this.settle(pending, toldSettlement(pending, received, readTried(told), now));
    } else this.settle(pending, answeredSettlement(pending, received, body, now));
  }

  /** The same reply to many [F17]. Returns what is wrong with the frame, which is the end of the link. */
  onAlike(frame: ReceivedFrame): string | undefined {
    const { alike, reader } = this;
    const malformed = alike.read(frame, reader);
    if (malformed !== undefined) return `bad alike: ${malformed}`;
    const { reply, end, correlations } = alike;
    const { values, count } = correlations;
    const told = { kind: reply.bodyKind, bytes: this.copies.take(frame.bytes, reply.bodyStart, end) };
    // One array for all of them: nobody may change it.
    const instances = Object.freeze(readPublished(told).map((each) => Object.freeze(each)));
    const tried = readTried(told);
    const now = this.clock.now();
    for (let i = 0; i < count; i++) {
      const pending = this.pendings.get(values[i] as number);
      if (pending !== undefined) this.settle(pending, toldSettlement(pending, reply, tried, now), instances);
    }
    return undefined;
  }

  /** Many replies in one [F15]. Returns what is wrong with the frame, which is the end of the link. */
  onDelivered(frame: ReceivedFrame): string | undefined {
    const { delivered, reader } = this;
    const malformed = delivered.read(frame, reader);
    if (malformed !== undefined) return `bad delivered: ${malformed}`;
    const { service, nodes, correlations } = delivered;
    const { values, count } = correlations;
    const now = this.clock.now();
    // One object for all of them: nobody may change it.
    const instance = Object.freeze({ service, node: nodes[0] as string });
    const instances = deliveredAtAll(service, nodes);
    for (let i = 0; i < count; i++) {
      const pending = this.pendings.get(values[i] as number);
      if (pending !== undefined) this.settle(pending, deliveredSettlement(pending, instance, now), instances);
    }
    return undefined;
  }

  /** How it was chosen, before the reply itself. */
  onDecision(frame: ReceivedFrame): void {
    const wish = this.pendings.get(frame.correlation)?.request.wish;
    wish?.decisions?.push(...readDecisions(frame.bytes.subarray(frame.start, frame.end)));
  }

  onUp(): void {
    // The agent's name is in them, and this may be another.
    this.heads = new MessageHeads();
    this.waitingBytes = 0;
    for (const pending of this.pendings.inOrder()) if (!pending.isOut) this.transmit(pending, this.clock.now());
  }

  onDown(): void {
    for (const pending of this.pendings.inOrder()) {
      if (!pending.isOut) continue;
      pending.isOut = false;
      this.waitingBytes += pending.request.body.length;
      if (!isDoubtful(pending)) continue;
      this.fail(pending, 'unknown', 'link-lost', 'the link to the agent broke before its answer came');
    }
  }

  /** Resolves when nothing is in flight. */
  idle(): Promise<void> {
    return this.pendings.size === 0 ? Promise.resolve() : new Promise((resolve) => this.idlers.push(resolve));
  }

  /** Settles everything. */
  close(): void {
    for (const pending of this.pendings.inOrder()) {
      this.fail(pending, wasSent(pending) ? 'unknown' : 'refused', 'closed', 'this mesh was closed');
    }
  }

  private begin(request: ExchangeRequest, isPublish: boolean, settle: PendingExchange['settle']): () => void {
    const id = request.id ?? this.ids.next();
    const startedAt = this.clock.now();
    const correlation = this.pendings.next();
    const pending = new PendingExchange(request, settle, { id, correlation, isPublish, startedAt });
    const waitingBytes = this.link.isUp ? 0 : this.waitingBytes + request.body.length;
    if (this.pendings.size >= exchangesMax || waitingBytes > queuedBytesMax) {
      const reason =
        waitingBytes > queuedBytesMax ? 'too much waits for the agent to be back' : 'too many are in flight';
      settle(ownSettlement(pending, 'refused', 'busy', reason, startedAt), []);
      return () => {};
    }
    this.pendings.set(correlation, pending);
    this.waitingBytes = waitingBytes;
    if (this.link.isUp) this.transmit(pending, startedAt, request.id === undefined ? this.ids.lastBytes : undefined);
    this.sweepSoon();
    return () => this.cancel(pending);
  }

  /** `idBytes`: of an id that has just been made. */
  private transmit(pending: PendingExchange, now: number, idBytes?: Uint8Array): void {
    const { request } = pending;
    if (this.link.queuedBytes > queuedBytesMax) {
      this.fail(pending, wasSent(pending) ? 'unknown' : 'refused', 'busy', 'the agent does not keep up');
      return;
    }
    let head: Uint8Array;
    try {
      head = this.headFor(pending, idBytes);
    } catch (error) {
      const { code, message } = FogataError.from(error);
      this.fail(pending, 'refused', code, message);
      return;
    }
    pending.attempts += 1;
    pending.isOut = true;
    const deadlineMs = request.deadlineMs - (now - pending.startedAt);
    const wish = encodeWish(request);
    if (wish !== undefined) {
      this.link.send({ kind: FrameKind.wish, correlation: pending.correlation }, undefined, wish);
    }
    const { frame } = this;
    frame.correlation = pending.correlation;
    frame.flags = flagsOf(pending);
    frame.deadlineMs = deadlineMs;
    frame.reckonedAt = now;
    this.link.send(frame, head, request.body.length === 0 ? undefined : request.body);
  }

  /** Valid until the next one. */
  private headFor(pending: PendingExchange, idBytes: Uint8Array | undefined): Uint8Array {
    const { request } = pending;
    const written = this.heads.find(request);
    if (written !== undefined) {
      setMessageId(written, 0, pending.id, idBytes);
      setMessageAttempt(written, 0, attemptOf(pending));
      return written;
    }
    const { writer } = this;
    writer.reset();
    writeMessageHead(writer, headOf(pending, this.link.agentName), idBytes);
    if (request.params === noTexts) this.heads.add(request, writer.copy());
    return writer.view();
  }

  private cancel(pending: PendingExchange): void {
    if (this.pendings.get(pending.correlation) !== pending) return;
    this.sendCancel(pending);
    this.fail(pending, wasSent(pending) ? 'unknown' : 'refused', 'cancelled', 'the caller gave up');
  }

  private sendCancel({ correlation, isOut }: PendingExchange): void {
    if (isOut) this.link.send({ kind: FrameKind.cancel, correlation }, undefined, undefined);
  }

  private fail(
    pending: PendingExchange,
    outcome: 'expired' | 'refused' | 'unknown',
    code: ErrorCode,
    reason: string,
  ): void {
    this.settle(pending, ownSettlement(pending, outcome, code, reason, this.clock.now()));
  }

  private settle(pending: PendingExchange, settlement: Settlement, instances: readonly PublishedAt[] = []): void {
    if (this.pendings.get(pending.correlation) !== pending) return;
    this.pendings.delete(pending.correlation);
    if (!pending.isOut && !this.link.isUp) this.waitingBytes -= pending.request.body.length;
    pending.settle(settlement, instances);
    if (this.pendings.size === 0) for (const resolve of this.idlers.splice(0)) resolve();
  }

  private sweepSoon(): void {
    if (this.isSweeping) return;
    this.isSweeping = true;
    this.clock.schedule(sweepIntervalMs, () => this.sweep());
  }

  private sweep(): void {
    this.isSweeping = false;
    const now = this.clock.now();
    for (const pending of this.pendings.values()) {
      const overMs = now - pending.startedAt - pending.request.deadlineMs;
      if (overMs <= (pending.isOut ? lateMs : 0)) continue;
      this.sendCancel(pending);
      const reason = pending.isOut ? 'the agent did not answer in time' : 'there was no link to the agent in time';
      this.fail(pending, isDoubtful(pending) ? 'unknown' : 'expired', 'deadline', reason);
    }
    if (this.pendings.size > 0) this.sweepSoon();
  }
}
