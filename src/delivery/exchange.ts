import type { ErrorCode } from '../protocol/error-code.ts';
import type { MessageId, NodeId } from '../protocol/ids.ts';
import type { ReplyHead } from '../protocol/reply-head.ts';
import type { Chosen } from './chooser.ts';
import type { ExchangeRequest } from './exchange-request.ts';
import type { FailedAttempt, Settlement } from './settlement.ts';

/** A message under way, from the request to its one settlement. */
export interface Exchange {
  readonly request: ExchangeRequest;
  readonly id: MessageId;
  readonly correlation: number;
  readonly startedAt: number;
  readonly deadlineAt: number;
  /** Publishing: this instance and no other. */
  readonly only: Chosen | undefined;
  readonly settle: (settlement: Settlement) => void;
  /** Attempts begun. */
  attempts: number;
  /** When the running attempt began. */
  attemptAt: number;
  /** The instance of the running attempt. */
  chosen: Chosen | undefined;
  /** The running attempt is on an open link: it may have been executed. */
  written: boolean;
  readonly tried: FailedAttempt[];
  /** The last attempt that came to nothing although it may have been executed. */
  doubt: FailedAttempt | undefined;
  readonly avoid: Set<NodeId>;
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

const noBytes = new Uint8Array(0);
const noParams = Object.freeze({});

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
    params: noParams,
    bodyKind: 'none',
    body: noBytes,
    tried: exchange.tried,
    elapsedMs: now - exchange.startedAt,
  };
}

/** What an outcome means that comes without a code, which no honest peer sends. */
const usualCodes = { expired: 'deadline', refused: 'failed', unknown: 'link-lost' } as const;

/** A settlement by what the instance said. */
export function answeredSettlement(exchange: Exchange, head: ReplyHead, body: Uint8Array, now: number): Settlement {
  const { outcome, service, node, reason, params, bodyKind } = head;
  const isDone = outcome === 'answered' || outcome === 'delivered' || outcome === 'stored';
  return {
    outcome,
    id: exchange.id,
    instance: service === '' || node === '' ? undefined : { service, node },
    code: isDone ? undefined : (head.code ?? usualCodes[outcome]),
    reason,
    params,
    bodyKind,
    body,
    tried: exchange.tried,
    elapsedMs: now - exchange.startedAt,
  };
}
