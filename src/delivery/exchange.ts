import type { ErrorCode } from '../protocol/error-code.ts';
import type { MessageId, NodeId } from '../protocol/ids.ts';
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
  /** The instance of the running attempt. */
  chosen: Chosen | undefined;
  /** The running attempt is on an open link: it may have been executed. */
  written: boolean;
  readonly tried: FailedAttempt[];
  readonly avoid: Set<NodeId>;
}

/** Codes that say: this instance did not do it, so another may. */
const notExecutedCodes: ReadonlySet<ErrorCode> = new Set(['no-instance', 'unreachable', 'busy', 'draining']);

export function wasNotExecuted(code: ErrorCode | undefined): boolean {
  return code !== undefined && notExecutedCodes.has(code);
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
