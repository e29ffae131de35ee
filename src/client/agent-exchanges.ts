import { readPublished, readTried } from '../api/program-reply.ts';
import type { PublishSettled } from '../api/publish-outcome-of.ts';
import type { ExchangeRequest } from '../delivery/exchange-request.ts';
import type { Settlement } from '../delivery/settlement.ts';
import type { ErrorCode } from '../protocol/error-code.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { FrameKind } from '../protocol/frame.ts';
import { type MessageId, messageIdBytes, messageIdFrom } from '../protocol/ids.ts';
import { exchangesMax, queuedBytesMax } from '../protocol/limits.ts';
import { writeMessageHead } from '../protocol/message-head.ts';
import type { ReceivedFrame } from '../protocol/received-frame.ts';
import { decodeReplyHead } from '../protocol/reply-head.ts';
import { Writer } from '../protocol/writer.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Random } from '../runtime/random.ts';
import type { AgentLink } from './agent-link.ts';
import { flagsOf, headOf, isDoubtful, ownSettlement, type PendingExchange } from './pending-exchange.ts';

/** Deadlines are the agent's to keep. This side looks this often, and gives the agent's word this long to come. */
const sweepIntervalMs = 100;
const lateMs = 500;

/** Ids come from so many random bytes at a time: asking the system for each would cost more than sending one message. */
const idBytesAtOnce = 64 * messageIdBytes;

/** Messages in flight over the link to the agent. */
export class AgentExchanges {
  private readonly link: AgentLink;
  private readonly clock: Clock;
  private readonly random: Random;
  private readonly pendings = new Map<number, PendingExchange>();
  private readonly idlers: (() => void)[] = [];
  private readonly writer = new Writer();
  private correlation = 0;
  /** Of bodies that wait for a link. */
  private waitingBytes = 0;
  private isSweeping = false;
  private idBytes: Uint8Array = new Uint8Array(0);

  constructor(link: AgentLink, tools: { readonly clock: Clock; readonly random: Random }) {
    this.link = link;
    this.clock = tools.clock;
    this.random = tools.random;
  }

  exchange(request: ExchangeRequest, settle: (settlement: Settlement) => void): () => void {
    return this.begin(request, false, settle);
  }

  publish(request: ExchangeRequest, settle: (settled: PublishSettled) => void): () => void {
    return this.begin(request, true, (settlement, told) => {
      const isNobody = settlement.outcome === 'delivered' || settlement.code === 'no-instance';
      const instances = told.length > 0 || isNobody ? told : [settlement];
      settle({ id: settlement.id, elapsedMs: settlement.elapsedMs, instances });
    });
  }

  onReply(frame: ReceivedFrame): void {
    const key = frame.correlation;
    const pending = this.pendings.get(key);
    if (pending === undefined) return;
    const decoded = decodeReplyHead(frame.bytes, frame.start, frame.end);
    if (!decoded.ok) {
      this.fail(key, pending, 'unknown', 'protocol', `the agent's reply cannot be read: ${decoded.reason}`);
      return;
    }
    const { outcome, code, bodyKind, service, node, reason, params } = decoded.head;
    const bytes = frame.bytes.slice(decoded.bodyStart, frame.end);
    const elapsedMs = this.clock.now() - pending.startedAt;
    const instance = service === '' ? undefined : { service, node };
    const said = { outcome, id: pending.id, instance, code, reason, params, elapsedMs };
    if (outcome === 'answered') {
      this.settle(key, pending, { ...said, bodyKind, body: bytes, tried: [] });
      return;
    }
    const body = { kind: bodyKind, bytes };
    const settlement: Settlement = { ...said, bodyKind: 'none', body: new Uint8Array(0), tried: readTried(body) };
    this.settle(key, pending, settlement, pending.isPublish ? readPublished(body) : []);
  }

  onUp(): void {
    this.waitingBytes = 0;
    for (const [key, pending] of this.pendings) if (!pending.isOut) this.transmit(key, pending);
  }

  onDown(): void {
    for (const [key, pending] of this.pendings) {
      if (!pending.isOut) continue;
      pending.isOut = false;
      this.waitingBytes += pending.request.body.length;
      if (!isDoubtful(pending)) continue;
      this.fail(key, pending, 'unknown', 'link-lost', 'the link to the agent broke before its answer came');
    }
  }

  /** Resolves when nothing is in flight. */
  idle(): Promise<void> {
    return this.pendings.size === 0 ? Promise.resolve() : new Promise((resolve) => this.idlers.push(resolve));
  }

  /** Settles everything. */
  close(): void {
    for (const [key, pending] of this.pendings) {
      this.fail(key, pending, isDoubtful(pending) ? 'unknown' : 'refused', 'closed', 'this mesh was closed');
    }
  }

  private begin(request: ExchangeRequest, isPublish: boolean, settle: PendingExchange['settle']): () => void {
    const id = request.id ?? this.newId();
    const startedAt = this.clock.now();
    const pending: PendingExchange = { request, id, isPublish, startedAt, attempts: 0, isOut: false, settle };
    const waitingBytes = this.link.isUp ? 0 : this.waitingBytes + request.body.length;
    if (this.pendings.size >= exchangesMax || waitingBytes > queuedBytesMax) {
      const reason =
        waitingBytes > queuedBytesMax ? 'too much waits for the agent to be back' : 'too many are in flight';
      settle(ownSettlement(pending, 'refused', 'busy', reason, startedAt), []);
      return () => {};
    }
    const key = this.newCorrelation();
    this.pendings.set(key, pending);
    this.waitingBytes = waitingBytes;
    if (this.link.isUp) this.transmit(key, pending);
    this.sweepSoon();
    return () => this.cancel(key, pending);
  }

  private transmit(key: number, pending: PendingExchange): void {
    const { request } = pending;
    if (this.link.queuedBytes > queuedBytesMax) {
      this.fail(key, pending, isDoubtful(pending) ? 'unknown' : 'refused', 'busy', 'the agent does not keep up');
      return;
    }
    try {
      this.writer.reset();
      writeMessageHead(this.writer, headOf(pending));
    } catch (error) {
      const { code, message } = FogataError.from(error);
      this.fail(key, pending, 'refused', code, message);
      return;
    }
    pending.attempts += 1;
    pending.isOut = true;
    const deadlineMs = request.deadlineMs - (this.clock.now() - pending.startedAt);
    const frame = { kind: FrameKind.message, correlation: key, flags: flagsOf(pending), deadlineMs };
    this.link.send(frame, this.writer.view(), request.body.length === 0 ? undefined : request.body);
  }

  private cancel(key: number, pending: PendingExchange): void {
    if (this.pendings.get(key) !== pending) return;
    this.sendCancel(key, pending);
    this.fail(key, pending, 'refused', 'cancelled', 'the caller gave up');
  }

  private sendCancel(correlation: number, { isOut }: PendingExchange): void {
    if (isOut) this.link.send({ kind: FrameKind.cancel, correlation }, undefined, undefined);
  }

  private fail(
    key: number,
    pending: PendingExchange,
    outcome: 'expired' | 'refused' | 'unknown',
    code: ErrorCode,
    reason: string,
  ): void {
    this.settle(key, pending, ownSettlement(pending, outcome, code, reason, this.clock.now()));
  }

  private settle(
    key: number,
    pending: PendingExchange,
    settlement: Settlement,
    instances: readonly Settlement[] = [],
  ): void {
    this.pendings.delete(key);
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
    for (const [key, pending] of this.pendings) {
      const overMs = now - pending.startedAt - pending.request.deadlineMs;
      if (overMs <= (pending.isOut ? lateMs : 0)) continue;
      this.sendCancel(key, pending);
      const reason = pending.isOut ? 'the agent did not answer in time' : 'there was no link to the agent in time';
      this.fail(key, pending, isDoubtful(pending) ? 'unknown' : 'expired', 'deadline', reason);
    }
    if (this.pendings.size > 0) this.sweepSoon();
  }

  /** Even ones; requests and watches have the odd ones. */
  private newCorrelation(): number {
    do this.correlation = this.correlation >= 0xffff_fffc ? 2 : this.correlation + 2;
    while (this.pendings.has(this.correlation));
    return this.correlation;
  }

  private newId(): MessageId {
    if (this.idBytes.length === 0) this.idBytes = this.random.bytes(idBytesAtOnce);
    const id = messageIdFrom(this.idBytes);
    this.idBytes = this.idBytes.subarray(messageIdBytes);
    return id;
  }
}
