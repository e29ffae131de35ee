import type { ErrorCode } from '../protocol/error-code.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import type { NodeId } from '../protocol/ids.ts';
import { bodyBytesMax, exchangesMax } from '../protocol/limits.ts';
import { NameCache } from '../protocol/name-cache.ts';
import { Reader } from '../protocol/reader.ts';
import type { ReceivedFrame } from '../protocol/received-frame.ts';
import type { AttemptEnd } from '../selection/instance-track.ts';
import { endOfFailure, isCharged } from './attempt-end.ts';
import type { CarryResult, PeerLoss } from './carrier.ts';
import type { Chosen } from './chooser.ts';
import { CorrelationTable } from './correlation-table.ts';
import { createDeliveredIntake } from './delivered-intake.ts';
import { Exchange, failedSettlement, isHandedOver, isInDoubt, type Settle } from './exchange.ts';
import { bodyBytesOf, type ExchangeRequest } from './exchange-request.ts';
import { createExchangeWire } from './exchange-wire.ts';
import type { ExchangesOptions } from './exchanges-options.ts';
import { isPublished } from './publication.ts';
import { Publications } from './publications.ts';
import { createReplyIntake } from './reply-intake.ts';
import type { Settlement } from './settlement.ts';
import { createSweep, lookThrough } from './sweep.ts';

/** The origin's side of messages: chooses, sends, waits, tries elsewhere when that is safe, settles exactly once. */
export interface Exchanges {
  /** `only` fixes the instance. Returns how to give up. `settle` may be called before this returns. */
  begin(request: ExchangeRequest, only: Chosen | undefined, settle: Settle): () => void;
  /** One with each of these, likewise. */
  beginAll(request: ExchangeRequest, targets: readonly Chosen[], settle: Settle): () => void;
  /** Returns a fault when the frame is malformed. */
  onReply(peer: NodeId, frame: ReceivedFrame): string | undefined;
  /** Many replies in one, likewise [F15, F17]. */
  onAlike(peer: NodeId, frame: ReceivedFrame): string | undefined;
  onDelivered(peer: NodeId, frame: ReceivedFrame): string | undefined;
  onPeerUp(peer: NodeId): void;
  onPeerLost(peer: NodeId, loss: PeerLoss): void;
  // Methods, as in a frame link: V8 keeps a literal with getters in a dictionary.
  inFlight(): number;
  /** Replies nobody waited for ([F6]). */
  strayReplies(): number;
  /** Attempts after the first. */
  retries(): number;
  /** Settles everything: `refused(closed)`, or `unknown(closed)` what may have been executed. From now on nothing begins. */
  stop(): void;
}

/** More instances than this are not tried for one message: what ails four will ail the fifth. */
const attemptsMax = 4;
/** Before the same instance is tried once more after its link broke: time to dial again. */
const secondChanceMs = 100;

export function createExchanges(options: ExchangesOptions): Exchanges {
  const { clock, chooser } = options;
  const pending = new CorrelationTable<Exchange>(2, -1);
  const wire = createExchangeWire(options);
  let strayReplies = 0;
  let retries = 0;
  let stopped = false;
  const publications = new Publications({ ...options, pending, notSent });
  const reader = new Reader(new Uint8Array(0), 0, 0, new NameCache());
  const intake = { ...options, reader, publications, stray: () => void (strayReplies += 1) };
  const inFlight = (): number => pending.size + publications.inFlight;
  const sweep = createSweep(clock, (now) => publications.look(now, expire, lookThrough(pending.values(), now, expire)));

  function endAttempt(exchange: Exchange, how: AttemptEnd, now: number): void {
    const chosen = exchange.chosen;
    if (chosen === undefined) return;
    exchange.chosen = undefined;
    chosen.track.end(now, now - exchange.attemptAt, how);
  }

  /** False: it was settled before. */
  function take(exchange: Exchange, how: AttemptEnd, now: number): boolean {
    if (pending.get(exchange.correlation) !== exchange) return false;
    pending.delete(exchange.correlation);
    endAttempt(exchange, how, now);
    return true;
  }

  function tell(exchange: Exchange, settlement: Settlement | undefined, rest?: Uint8Array): void {
    try {
      if (settlement !== undefined) exchange.settle(settlement, exchange.only);
      else if (rest !== undefined) exchange.request.encoded?.pass(rest, exchange.only);
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
    const now = clock.now();
    if (take(exchange, how, now)) tell(exchange, failedSettlement(exchange, outcome, code, reason, now));
  }

  function expire(exchange: Exchange): void {
    const outcome = isHandedOver(exchange) ? 'unknown' : 'expired';
    wire.cancel(exchange, clock.now());
    // A frozen program breaks no connection: that it lets deadlines pass is all that tells.
    fail(exchange, outcome, 'deadline', `no answer within ${exchange.request.deadlineMs} ms`, 'expired');
  }

  function choose({ only, request, avoid }: Exchange, now: number): Chosen | undefined {
    return only ?? chooser.choose(request.to, 'messages', avoid, request.wish, now);
  }

  function attempt(exchange: Exchange, now: number, chosen: Chosen | undefined): void {
    if (pending.get(exchange.correlation) !== exchange) return;
    if (chosen === undefined) return exhausted(exchange);
    exchange.chosen = chosen;
    exchange.written = false;
    exchange.attemptAt = now;
    exchange.sentUnder = exchange.correlation;
    chosen.track.begin(now);
    exchange.attempts += 1;
    if (exchange.attempts > 1) retries += 1;
    else chosen.budget.note(now);
    let result: CarryResult;
    try {
      result = wire.message(exchange, chosen.node, now);
    } catch (error) {
      const { code, message } = FogataError.from(error);
      return fail(exchange, 'refused', code, message);
    }
    if (result === 'busy' || result === 'unreachable') notSent(exchange, result);
    else exchange.written = result !== 'held';
  }

  function notSent(exchange: Exchange, result: 'busy' | 'unreachable'): void {
    const why = result === 'busy' ? 'too much is queued for this node' : 'no link to this node';
    attemptFailed(exchange, result, why);
  }

  /**
   * No instance (more) to try: the last failure, if any, says what became of it. One that did it and failed says more than
   * those who never had it.
   */
  function exhausted(exchange: Exchange): void {
    const { tried } = exchange;
    const last = exchange.doubt ?? tried.findLast(({ code }) => code === 'failed') ?? tried.at(-1);
    if (last === undefined)
      return fail(exchange, 'refused', 'no-instance', chooser.whyNone(exchange.request.to, 'messages'));
    fail(exchange, exchange.doubt === undefined ? 'refused' : 'unknown', last.code, last.reason);
  }

  /** This attempt came to nothing, and trying again is safe. `maybeExecuted`: safe only because it is idempotent. */
  function attemptFailed(exchange: Exchange, code: ErrorCode, reason: string, maybeExecuted = false): void {
    const chosen = exchange.chosen;
    if (chosen === undefined) return;
    const failed = { service: exchange.request.to.service, node: chosen.name, code, reason };
    exchange.noteFailed(failed, chosen.node);
    if (maybeExecuted) exchange.doubt = failed;
    const now = clock.now();
    endAttempt(exchange, endOfFailure(code), now);
    if (exchange.attempts >= attemptsMax) return exhausted(exchange);
    const another = exchange.only === undefined ? choose(exchange, now) : undefined;
    if (another !== undefined) {
      return !isCharged(code) || chosen.budget.take(now) ? attempt(exchange, now, another) : exhausted(exchange);
    }
    if (code !== 'link-lost') return exhausted(exchange);
    exchange.avoidNobody();
    clock.schedule(secondChanceMs, () => {
      const later = clock.now();
      attempt(exchange, later, choose(exchange, later));
    });
  }

  function launch(request: ExchangeRequest, only: Chosen | undefined, settleWith: Settle, now: number): Exchange {
    const isNew = request.encoded === undefined && request.id === undefined;
    const id = isNew ? options.newMessageId() : undefined;
    const exchange = new Exchange(request, only, settleWith, { correlation: pending.next(), id, now });
    pending.set(exchange.correlation, exchange);
    if (stopped) fail(exchange, 'refused', 'closed', 'this node is closed');
    else if (inFlight() > exchangesMax) fail(exchange, 'refused', 'busy', `${exchangesMax} exchanges are in flight`);
    else if (bodyBytesOf(request) > bodyBytesMax) {
      fail(exchange, 'refused', 'too-large', `a body has at most ${bodyBytesMax} bytes`);
    } else {
      sweep.by(exchange.deadlineAt);
      attempt(exchange, now, choose(exchange, now));
    }
    return exchange;
  }

  function giveUp(exchange: Exchange): void {
    if (pending.get(exchange.correlation) !== exchange) return;
    const outcome = isInDoubt(exchange) ? 'unknown' : 'refused';
    wire.cancel(exchange, clock.now());
    fail(exchange, outcome, 'cancelled', 'given up by the caller');
  }

  return {
    ...createReplyIntake({ ...intake, pending, tell, attemptFailed, take }),
    onDelivered: createDeliveredIntake({
      ...intake,
      find: (correlation) => pending.get(correlation),
      take: (exchange, now) => take(exchange, 'answered', now),
    }),
    begin(request, only, settleWith) {
      publications.flush();
      const exchange = launch(request, only, settleWith, clock.now());
      return () => giveUp(exchange);
    },
    beginAll(request, targets, settleWith) {
      const now = clock.now();
      if (isPublished(request) && !stopped && inFlight() + targets.length <= exchangesMax) {
        const publication = publications.begin(request, targets, settleWith, now);
        sweep.by(publication.deadlineAt);
        return () => publications.takeOutOf(publication).forEach(giveUp);
      }
      publications.flush();
      const all = targets.map((only) => launch(request, only, settleWith, now));
      return () => all.forEach(giveUp);
    },
    onPeerUp(peer) {
      for (const exchange of pending.inOrder()) if (exchange.chosen?.node === peer) exchange.written = true;
      publications.onPeerUp(peer);
    },
    onPeerLost(peer, loss) {
      publications.takeOutAt(peer);
      for (const exchange of pending.inOrder()) {
        if (exchange.chosen?.node !== peer) continue;
        if (!loss.reached || !exchange.written) attemptFailed(exchange, 'unreachable', loss.text);
        else if (exchange.request.idempotent) attemptFailed(exchange, 'link-lost', loss.text, true);
        else fail(exchange, 'unknown', 'link-lost', loss.text, 'unreachable');
      }
    },
    inFlight,
    strayReplies: () => strayReplies,
    retries: () => retries,
    stop() {
      stopped = true;
      sweep.stop();
      publications.takeOutAll();
      for (const exchange of pending.inOrder()) {
        fail(exchange, isInDoubt(exchange) ? 'unknown' : 'refused', 'closed', 'this node is closing');
      }
    },
  };
}
