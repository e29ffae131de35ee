import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { FailedAttempt } from '../delivery/settlement.ts';
import type { ErrorCode } from '../protocol/error-code.ts';

/** Why a request got no answer of a program (RFC 9457). */
export interface Problem {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  /** For people. */
  readonly detail: string;
  readonly code: ErrorCode;
  /** `refused` and `expired`: it was not done. `unknown`: a program had it and no answer came. */
  readonly outcome: 'refused' | 'expired' | 'unknown';
  readonly service: string | undefined;
  readonly tried: readonly FailedAttempt[];
}

/** What an HTTP client is told for each code. What is not listed is 502: somebody behind this port failed. */
const statuses: Partial<Record<ErrorCode, number>> = {
  'no-instance': 503,
  busy: 503,
  draining: 503,
  closed: 503,
  deadline: 504,
  'too-large': 413,
  'not-allowed': 403,
  invalid: 400,
};

export interface ProblemFacts {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly outcome: Problem['outcome'];
  readonly service?: string | undefined;
  readonly tried?: readonly FailedAttempt[];
  /** Where the code alone does not say it. */
  readonly status?: number;
}

export function problemOf(facts: ProblemFacts): Problem {
  const status = facts.status ?? statuses[facts.code] ?? 502;
  return {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: facts.detail,
    code: facts.code,
    outcome: facts.outcome,
    service: facts.service,
    tried: facts.tried ?? [],
  };
}

/** Answers with it. Does nothing when the answer has begun. */
export function sendProblem(response: ServerResponse, problem: Problem, headers: readonly string[] = []): void {
  if (response.headersSent || response.destroyed) return;
  const body = Buffer.from(`${JSON.stringify(problem)}\n`);
  const retry = problem.status === 503 ? ['retry-after', '1'] : [];
  response.writeHead(problem.status, [
    'content-type',
    'application/problem+json',
    'content-length',
    `${body.length}`,
    'cache-control',
    'no-store',
    'via',
    '1.1 fogata',
    ...retry,
    ...headers,
  ]);
  response.end(body);
}
