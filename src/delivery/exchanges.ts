import { formatAddress } from '../protocol/address.ts';
import type { ErrorCode } from '../protocol/error-code.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { FrameFlag, FrameKind } from '../protocol/frame.ts';
import type { MessageId, NodeId } from '../protocol/ids.ts';
import { bodyBytesMax, exchangesMax, hopsMax } from '../protocol/limits.ts';
import { type MessageHead, writeMessageHead } from '../protocol/message-head.ts';
import type { ReceivedFrame } from '../protocol/received-frame.ts';
import { decodeReplyHead } from '../protocol/reply-head.ts';
import { Writer } from '../protocol/writer.ts';
import type { Clock } from '../runtime/clock.ts';
import type { AttemptEnd } from '../selection/instance-track.ts';
import { endOfFailure, endOfReply, isCharged } from './attempt-end.ts';
import type { Carrier, PeerLoss } from './carrier.ts';
import type { Chooser, Chosen } from './chooser.ts';
import { createDeadlines } from './deadlines.ts';
import { answeredSettlement, type Exchange, failedSettlement, isHandedOver, wasNotExecuted } from './exchange.ts';
import type { ExchangeRequest } from './exchange-request.ts';
import type { OnOwnerFault } from './owner-fault.ts';
import type { Settlement } from './settlement.ts';

export interface ExchangesOptions {
  readonly clock: Clock;
  readonly self: NodeId;
  readonly selfName: string;
  readonly carrier: Carrier;
  readonly chooser: Chooser;
  readonly newMessageId: () => MessageId;
  readonly onOwnerFault: OnOwnerFault;
}

/** The origin's side of messages: chooses, sends, waits, tries elsewhere when that is safe, settles exactly once. */
export interface Exchanges {
  /** `only` fixes the instance. Returns how to give up. `settle` may be called before this returns. */
  begin(request: ExchangeRequest, only: Chosen | undefined, settle: (settlement: Settlement) => void): () => void;
  /** Returns a fault when the frame is malformed. */
  onReply(peer: NodeId, frame: ReceivedFrame): string | undefined;
  onPeerUp(peer: NodeId): void;
  onPeerLost(peer: NodeId, loss: PeerLoss): void;
  readonly inFlight: number;
  /** Replies nobody waited for ([F6]). */
  readonly strayReplies: number;
  /** Attempts after the first. */
  readonly retries: number;
  /** Settles everything: `refused(closed)`, or `unknown(closed)` what may have been executed. From now on nothing begins. */
  stop(): void;
}

/** More instances than this are not tried for one message: what ails four will ail the fifth. */
const attemptsMax = 4;
/** Before the same instance is tried once more after its link broke: time to dial again. */
const secondChanceMs = 100;

export function createExchanges(options: ExchangesOptions): Exchanges {
  const { clock, self, carrier, chooser } = options;
  const pending = new Map<number, Exchange>();
  const writer = new Writer();
  let lastCorrelation = 0;
  let strayReplies = 0;
  let retries = 0;
  let stopped = false;
  const deadlines = createDeadlines(clock, {
    isPending: (key) => pending.has(key),
    due(key) {
      const exchange = pending.get(key);
      if (exchange !== undefined && exchange.deadlineAt <= clock.now()) expire(exchange);
    },
  });

  function nextCorrelation(): number {
    do lastCorrelation = (lastCorrelation + 1) >>> 0;
    while (lastCorrelation === 0 || pending.has(lastCorrelation));
    return lastCorrelation;
  }

  function endAttempt(exchange: Exchange, how: AttemptEnd): void {
    const chosen = exchange.chosen;
    if (chosen === undefined) return;
    exchange.chosen = undefined;
    const now = clock.now();
    chosen.track.end(now, now - exchange.attemptAt, how);
  }

  function settle(exchange: Exchange, settlement: Settlement, how: AttemptEnd): void {
    if (!pending.delete(exchange.correlation)) return;
    endAttempt(exchange, how);
    try {
      exchange.settle(settlement);
    } catch (error) {
      options.onOwnerFault('a settlement', error);
    }
  }

  function fail(
    exchange: Exchange,
    outcome: 'expired' | 'refused' | 'unknown',
    code: ErrorCode,
    reason: string,
    how: AttemptEnd = 'cancelled',
  ): void {
    settle(exchange, failedSettlement(exchange, outcome, code, reason, clock.now()), how);
  }

  function cancelAttempt(exchange: Exchange): void {
    if (exchange.chosen === undefined) return;
    carrier.send(exchange.chosen.node, fieldsOf(exchange, FrameKind.cancel, 0), undefined, undefined);
  }

  function expire(exchange: Exchange): void {
    const outcome = isHandedOver(exchange) ? 'unknown' : 'expired';
    cancelAttempt(exchange);
    // A frozen program breaks no connection: that it lets deadlines pass is all that tells.
    fail(exchange, outcome, 'deadline', `no answer within ${exchange.request.deadlineMs} ms`, 'expired');
  }

  function fieldsOf(exchange: Exchange, kind: FrameKind, flags: number) {
    const deadlineMs = Math.max(0, exchange.deadlineAt - clock.now());
    const to = exchange.chosen?.node ?? self;
    return { kind, flags, hops: hopsMax, to, from: self, correlation: exchange.correlation, deadlineMs };
  }

  function attempt(exchange: Exchange): void {
    if (pending.get(exchange.correlation) !== exchange) return;
    const { request } = exchange;
    const chosen = exchange.only ?? chooser.choose(request.to, 'messages', exchange.avoid, request.wish);
    if (chosen === undefined) return exhausted(exchange);
    exchange.chosen = chosen;
    exchange.written = false;
    exchange.attemptAt = clock.now();
    chosen.track.begin(exchange.attemptAt);
    exchange.attempts += 1;
    if (exchange.attempts > 1) retries += 1;
    else chosen.budget.note(exchange.attemptAt);
    writer.reset();
    try {
      writeMessageHead(writer, headOf(exchange));
    } catch (error) {
      const { code, message } = FogataError.from(error);
      return fail(exchange, 'refused', code, message);
    }
    const flags =
      (request.replyWanted ? FrameFlag.replyWanted : 0) |
      (request.idempotent ? FrameFlag.idempotent : 0) |
      (exchange.only === undefined ? 0 : FrameFlag.publish);
    const fields = fieldsOf(exchange, FrameKind.message, flags);
    const result = carrier.send(chosen.node, fields, writer.view(), request.body);
    if (result === 'busy') attemptFailed(exchange, 'busy', 'too much is queued for this node');
    else if (result === 'unreachable') attemptFailed(exchange, 'unreachable', 'no link to this node');
    else exchange.written = result !== 'held';
  }

  function headOf(exchange: Exchange): MessageHead {
    const { request } = exchange;
    return {
      id: exchange.id,
      bodyKind: request.bodyKind,
      attempt: Math.min(255, exchange.attempts - 1),
      service: request.to.service,
      node: request.to.node,
      command: request.command,
      fromService: request.fromService,
      fromNode: options.selfName,
      params: request.params,
    };
  }

  function mayTryElsewhere({ only, request, avoid }: Exchange): boolean {
    return only === undefined && chooser.choose(request.to, 'messages', avoid, request.wish) !== undefined;
  }

  /** No instance (more) to try: the last failure, if any, says what became of it. */
  function exhausted(exchange: Exchange): void {
    const last = exchange.doubt ?? exchange.tried.at(-1);
    const whom = formatAddress(exchange.request.to);
    if (last === undefined) return fail(exchange, 'refused', 'no-instance', `nobody serves ${whom}`);
    fail(exchange, exchange.doubt === undefined ? 'refused' : 'unknown', last.code, last.reason);
  }

  /** This attempt came to nothing, and trying again is safe. `maybeExecuted`: safe only because it is idempotent. */
  function attemptFailed(exchange: Exchange, code: ErrorCode, reason: string, maybeExecuted = false): void {
    const chosen = exchange.chosen;
    if (chosen === undefined) return;
    const failed = { service: exchange.request.to.service, node: chosen.name, code, reason };
    exchange.tried.push(failed);
    if (maybeExecuted) exchange.doubt = failed;
    exchange.avoid.add(chosen.node);
    endAttempt(exchange, endOfFailure(code));
    if (exchange.attempts >= attemptsMax) return exhausted(exchange);
    if (mayTryElsewhere(exchange)) {
      return !isCharged(code) || chosen.budget.take(clock.now()) ? attempt(exchange) : exhausted(exchange);
    }
    if (code !== 'link-lost') return exhausted(exchange);
    exchange.avoid.clear();
    clock.schedule(secondChanceMs, () => attempt(exchange));
  }

  return {
    begin(request, only, settleWith) {
      const now = clock.now();
      const exchange: Exchange = {
        request,
        id: request.id ?? options.newMessageId(),
        correlation: nextCorrelation(),
        startedAt: now,
        deadlineAt: now + request.deadlineMs,
        only,
        settle: settleWith,
        attempts: 0,
        attemptAt: now,
        chosen: undefined,
        written: false,
        tried: [],
        doubt: undefined,
        avoid: new Set(),
      };
      const full = pending.size >= exchangesMax;
      pending.set(exchange.correlation, exchange);
      if (stopped) fail(exchange, 'refused', 'closed', 'this node is closed');
      else if (full) fail(exchange, 'refused', 'busy', `${exchangesMax} exchanges are in flight`);
      else if (request.body.length > bodyBytesMax) {
        fail(exchange, 'refused', 'too-large', `a body has at most ${bodyBytesMax} bytes`);
      } else {
        deadlines.add(exchange.correlation, exchange.deadlineAt);
        attempt(exchange);
      }
      return () => {
        if (pending.get(exchange.correlation) !== exchange) return;
        cancelAttempt(exchange);
        fail(exchange, 'refused', 'cancelled', 'given up by the caller');
      };
    },
    onReply(peer, frame) {
      const decoded = decodeReplyHead(frame.bytes, frame.start, frame.end);
      if (!decoded.ok) return `bad reply: ${decoded.reason}`;
      const { head, bodyStart } = decoded;
      const exchange = pending.get(frame.correlation);
      const chosen = exchange?.chosen;
      if (exchange === undefined || chosen?.node !== peer) {
        strayReplies += 1;
        return undefined;
      }
      if (head.load !== undefined) chooser.noteLoad(peer, exchange.request.to.service, head.load);
      if (head.outcome === 'refused' && wasNotExecuted(head.code)) {
        attemptFailed(exchange, head.code ?? 'failed', head.reason);
      } else if (head.outcome === 'unknown' && exchange.request.idempotent) {
        attemptFailed(exchange, head.code ?? 'link-lost', head.reason, true);
      } else {
        const body = frame.bytes.slice(bodyStart, frame.end);
        settle(exchange, answeredSettlement(exchange, head, body, clock.now()), endOfReply(head.outcome, head.code));
      }
      return undefined;
    },
    onPeerUp(peer) {
      for (const exchange of pending.values()) if (exchange.chosen?.node === peer) exchange.written = true;
    },
    onPeerLost(peer, loss) {
      for (const exchange of [...pending.values()]) {
        if (exchange.chosen?.node !== peer) continue;
        if (!loss.reached || !exchange.written) attemptFailed(exchange, 'unreachable', loss.text);
        else if (exchange.request.idempotent) attemptFailed(exchange, 'link-lost', loss.text, true);
        else fail(exchange, 'unknown', 'link-lost', loss.text, 'unreachable');
      }
    },
    get inFlight() {
      return pending.size;
    },
    get strayReplies() {
      return strayReplies;
    },
    get retries() {
      return retries;
    },
    stop() {
      stopped = true;
      deadlines.stop();
      for (const exchange of [...pending.values()]) {
        fail(exchange, isHandedOver(exchange) ? 'unknown' : 'refused', 'closed', 'this node is closing');
      }
    },
  };
}
