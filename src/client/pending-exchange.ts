import type { ExchangeRequest } from '../delivery/exchange-request.ts';
import type { PublishedAt } from '../delivery/publish-settlement.ts';
import type { Settlement } from '../delivery/settlement.ts';
import type { ErrorCode } from '../protocol/error-code.ts';
import { FrameFlag } from '../protocol/frame.ts';
import type { MessageId } from '../protocol/ids.ts';
import type { MessageHead } from '../protocol/message-head.ts';
import type { ReceivedReply, ReplyHead } from '../protocol/reply-head.ts';

type SettlePending = (settlement: Settlement, instances: readonly PublishedAt[]) => void;

/** A message between its `exchange` and its settlement. */
export class PendingExchange {
  readonly request: ExchangeRequest;
  readonly id: MessageId;
  readonly correlation: number;
  readonly isPublish: boolean;
  readonly startedAt: number;
  /** How often it went out. */
  attempts = 0;
  /** Out on the link that is up now. */
  isOut = false;
  /** `instances`: of a publish, as its reply told. */
  readonly settle: SettlePending;

  constructor(
    request: ExchangeRequest,
    settle: SettlePending,
    facts: Pick<PendingExchange, 'id' | 'correlation' | 'isPublish' | 'startedAt'>,
  ) {
    this.request = request;
    this.id = facts.id;
    this.correlation = facts.correlation;
    this.isPublish = facts.isPublish;
    this.startedAt = facts.startedAt;
    this.settle = settle;
  }
}

/** As it goes over the wire. */
export function attemptOf({ attempts }: PendingExchange): number {
  return Math.min(attempts, 255);
}

/** To an agent: it may have been done. */
export function wasSent({ attempts }: PendingExchange): boolean {
  return attempts > 0;
}

/** It may have been done, and doing it again may do harm. */
export function isDoubtful(pending: PendingExchange): boolean {
  return wasSent(pending) && !pending.request.idempotent;
}

/** `fromNode`: the agent's, who then need not put it in [F12]. */
export function headOf(pending: PendingExchange, fromNode: string): MessageHead {
  const { request, id } = pending;
  return {
    id,
    bodyKind: request.bodyKind,
    attempt: attemptOf(pending),
    service: request.to.service,
    node: request.to.node,
    command: request.command,
    fromService: request.fromService,
    fromNode,
    params: request.params,
  };
}

export function flagsOf({ request, isPublish }: PendingExchange): number {
  return (
    (request.replyWanted ? FrameFlag.replyWanted : 0) |
    (request.idempotent ? FrameFlag.idempotent : 0) |
    (isPublish ? FrameFlag.publish : 0)
  );
}

const noBytes = new Uint8Array(0);

/** A settlement that this side makes, because the agent did not. */
export function ownSettlement(
  { id, startedAt }: PendingExchange,
  outcome: 'expired' | 'refused' | 'unknown',
  code: ErrorCode,
  reason: string,
  now: number,
): Settlement {
  const elapsedMs = now - startedAt;
  const nothing = { instance: undefined, params: {}, bodyKind: 'none', body: noBytes, tried: [] } as const;
  return { outcome, id, code, reason, elapsedMs, ...nothing };
}

const noParams = Object.freeze({});
const nothingTried: Settlement['tried'] = [];

/** `instance` has it, and said no more than that. */
export function deliveredSettlement(
  { id, startedAt }: PendingExchange,
  instance: Settlement['instance'],
  now: number,
): Settlement {
  return {
    outcome: 'delivered',
    id,
    instance,
    code: undefined,
    reason: '',
    params: noParams,
    bodyKind: 'none',
    body: noBytes,
    tried: nothingTried,
    elapsedMs: now - startedAt,
  };
}

/** By what the instance said; its body is `body`. */
export function answeredSettlement(
  { id, startedAt }: PendingExchange,
  { outcome, author, code, reason, params, bodyKind }: ReceivedReply,
  body: Uint8Array,
  now: number,
): Settlement {
  return {
    outcome,
    id,
    instance: author.service === '' ? undefined : author,
    code,
    reason,
    params,
    bodyKind,
    body,
    tried: nothingTried,
    elapsedMs: now - startedAt,
  };
}

/** What the agent says of one that has no answer. */
export function toldSettlement(
  { id, startedAt }: PendingExchange,
  { outcome, code, service, node, reason, params }: ReplyHead,
  tried: Settlement['tried'],
  now: number,
): Settlement {
  return {
    outcome,
    id,
    instance: service === '' ? undefined : { service, node },
    code,
    reason,
    params,
    bodyKind: 'none',
    body: noBytes,
    tried,
    elapsedMs: now - startedAt,
  };
}
