import type { ErrorCode } from '../protocol/error-code.ts';
import type { MessageId, NodeId } from '../protocol/ids.ts';
import type { ReceivedReply } from '../protocol/reply-head.ts';
import { noTexts } from '../protocol/text-record.ts';
import type { Chosen } from './chooser.ts';
import type { ExchangeRequest } from './exchange-request.ts';
import type { FailedAttempt, Settlement } from './settlement.ts';

const nobody: ReadonlySet<NodeId> = new Set();
const nothingTried: readonly FailedAttempt[] = [];

/** Takes how an exchange ended. `only`: the instance that was fixed. */
export type Settle = (settlement: Settlement, only?: Chosen) => void;

/** A message under way, from the request to its one settlement. */
export class Exchange {
  readonly request: ExchangeRequest;
  readonly correlation: number;
  readonly startedAt: number;
  readonly deadlineAt: number;
  /** Publishing: this instance and no other. */
  readonly only: Chosen | undefined;
  readonly settle: Settle;
  /** The correlation of the running attempt. */
  sentUnder: number;
  /** Attempts begun. */
  attempts = 0;
  /** When the running attempt began. */
  attemptAt: number;
  /** The instance of the running attempt. */
  chosen: Chosen | undefined = undefined;
  /** The running attempt is on an open link: it may have been executed. */
  written = false;
  tried: readonly FailedAttempt[] = nothingTried;
  /** The last attempt that came to nothing although it may have been executed. */
  doubt: FailedAttempt | undefined = undefined;
  avoid: ReadonlySet<NodeId> = nobody;
  /** Undefined: the request has one. */
  private readonly ownId: MessageId | undefined;

  constructor(
    request: ExchangeRequest,
    only: Chosen | undefined,
    settle: Settle,
    key: { readonly correlation: number; readonly id: MessageId | undefined; readonly now: number },
  ) {
    this.request = request;
    this.only = only;
    this.settle = settle;
    this.correlation = key.correlation;
    this.sentUnder = key.correlation;
    this.ownId = key.id;
    this.startedAt = key.now;
    this.attemptAt = key.now;
    this.deadlineAt = key.now + request.deadlineMs;
  }

  /** The node made its id. */
  get hasOwnId(): boolean {
    return this.ownId !== undefined;
  }

  get id(): MessageId {
    return this.ownId ?? (this.request.id as MessageId);
  }

  /** Most need neither list. */
  noteFailed(failed: FailedAttempt, node: NodeId): void {
    this.tried = [...this.tried, failed];
    this.avoid = new Set([...this.avoid, node]);
  }

  avoidNobody(): void {
    this.avoid = nobody;
  }
}

/** Codes that say: this instance did not do it, so another may. */
const notExecutedCodes: ReadonlySet<ErrorCode> = new Set(['no-instance', 'unreachable', 'busy', 'draining']);

export function wasNotExecuted(code: ErrorCode | undefined): boolean {
  return code !== undefined && notExecutedCodes.has(code);
}

/** It may have been executed, and doing it again would be wrong. */
export function isHandedOver(exchange: Exchange): boolean {
  return exchange.written && exchange.chosen !== undefined && !exchange.request.idempotent;
}

/** This attempt, or one before it, may have been executed, and nobody has said what became of it. */
export function isInDoubt({ written, chosen, doubt }: Exchange): boolean {
  return doubt !== undefined || (written && chosen !== undefined);
}

const noBytes = new Uint8Array(0);

/** A settlement without an answer. */
export function failedSettlement(
  exchange: Exchange,
  outcome: 'expired' | 'refused' | 'unknown',
  code: ErrorCode,
  reason: string,
  now: number,
): Settlement {
  return {
    outcome,
    id: exchange.id,
    instance: undefined,
    code,
    reason,
    params: noTexts,
    bodyKind: 'none',
    body: noBytes,
    tried: exchange.tried,
    elapsedMs: now - exchange.startedAt,
  };
}

/** What an outcome means that comes without a code, which no honest peer sends. */
const usualCodes = { expired: 'deadline', refused: 'failed', unknown: 'link-lost' } as const;

/** A settlement by what the instance said. */
export function answeredSettlement(exchange: Exchange, head: ReceivedReply, body: Uint8Array, now: number): Settlement {
  const { outcome, author, reason, params, bodyKind } = head;
  const isDone = outcome === 'answered' || outcome === 'delivered' || outcome === 'stored';
  return {
    outcome,
    id: exchange.id,
    instance: author.service === '' || author.node === '' ? undefined : author,
    code: isDone ? undefined : (head.code ?? usualCodes[outcome]),
    reason,
    params,
    bodyKind,
    body,
    tried: exchange.tried,
    elapsedMs: now - exchange.startedAt,
  };
}

/** It has it, and said no more than that. */
export function deliveredSettlement(exchange: Exchange, instance: Settlement['instance'], now: number): Settlement {
  return {
    outcome: 'delivered',
    id: exchange.id,
    instance,
    code: undefined,
    reason: '',
    params: noTexts,
    bodyKind: 'none',
    body: noBytes,
    tried: exchange.tried,
    elapsedMs: now - exchange.startedAt,
  };
}
