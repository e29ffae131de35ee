import type { Outcome } from '../api/outcome.ts';
import type { ErrorCode } from '../protocol/error-code.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { type ProblemFacts, problemOf } from './problem.ts';

/** Codes that say more in the agent's own API, where no program's HTTP is in between. */
const apiStatuses: Partial<Record<ErrorCode, number>> = { 'unknown-command': 404, 'not-found': 404, duplicate: 409 };

/** The HTTP status of an outcome: 200 done, 202 stored, 504 too late, else as the code says. */
export function statusOfOutcome(outcome: { readonly outcome: Outcome['outcome']; readonly code?: ErrorCode }): number {
  if (outcome.outcome === 'answered' || outcome.outcome === 'delivered') return 200;
  if (outcome.outcome === 'stored') return 202;
  if (outcome.outcome === 'expired') return 504;
  const code = outcome.code ?? 'failed';
  return apiStatuses[code] ?? problemOf({ code, detail: '', outcome: outcome.outcome }).status;
}

/** `application/problem+json` of whatever was thrown. */
export function problemResponse(thrown: unknown, status?: number): Response {
  const { code, message } = FogataError.from(thrown);
  const usual = status ?? apiStatuses[code];
  return responseOf({ code, detail: message, outcome: 'refused', ...(usual === undefined ? {} : { status: usual }) });
}

/** The same of an outcome that is no success. */
export function outcomeProblem(
  outcome: Exclude<Outcome, { readonly outcome: 'answered' | 'delivered' | 'stored' }>,
): Response {
  const { code, reason, tried } = outcome;
  return responseOf({ code, detail: reason, outcome: outcome.outcome, tried, status: statusOfOutcome(outcome) });
}

function responseOf(facts: ProblemFacts): Response {
  const problem = problemOf(facts);
  const headers = new Headers({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' });
  if (problem.status === 503) headers.set('retry-after', '1');
  return new Response(`${JSON.stringify(problem)}\n`, { status: problem.status, headers });
}
