import type { SelectionCandidate } from './candidate.ts';

/** What a candidate's score is made of; the smaller score is the better. */
export interface ScoreTerms {
  /** Exchanges under way from here, the one to come included. */
  readonly inFlight: number;
  /** Expected slowing by others' work there, 1 (idle) to 20 (full). */
  readonly loadFactor: number;
  /** 1, or more while a failure is fresh. */
  readonly failureFactor: number;
  /** 1 is normal. */
  readonly weight: number;
  /** `inFlight · loadFactor · failureFactor / weight`. */
  readonly score: number;
}

/** An unknown load counts as this: neither does the unknown draw all, nor does it get nothing. */
export const loadAssumed = 0.5;

/** A load this old says half as much; a mean of it and `loadAssumed` counts. */
export const loadHalfLifeMs = 5_000;

/** Highest load that is told apart, so that full is very bad and not infinitely bad. */
const loadMax = 0.95;

/** Factor of a failure that has just happened, and the time in which it falls to nothing. */
const failureFactorMax = 8;
const failureFadesMs = 10_000;

/** [0, 1] → [1, 20]: time in a queue with one server grows as 1 / (1 − utilisation) (M/M/1; Kleinrock 1975). */
export function loadFactor(load: number | undefined, ageMs: number): number {
  const trust = load === undefined ? 0 : 2 ** (-Math.max(0, ageMs) / loadHalfLifeMs);
  const expected = loadAssumed + ((load ?? loadAssumed) - loadAssumed) * trust;
  return 1 / (1 - Math.min(loadMax, Math.max(0, expected)));
}

/** 8 right after a failure, falling in a straight line to 1 after 10 s: it is tried again, but with little. */
export function failureFactor(ageMs: number | undefined): number {
  if (ageMs === undefined) return 1;
  const fresh = 1 - Math.min(failureFadesMs, Math.max(0, ageMs)) / failureFadesMs;
  return 1 + (failureFactorMax - 1) * fresh;
}

/** A weight of 0 scores infinitely badly. */
export function scoreTerms(candidate: SelectionCandidate): ScoreTerms {
  const inFlight = candidate.inFlightHere + 1;
  const load = loadFactor(candidate.load, candidate.loadAgeMs);
  const failure = failureFactor(candidate.recentFailureAgeMs);
  const weight = candidate.weight / 100;
  const score = weight > 0 ? (inFlight * load * failure) / weight : Infinity;
  return { inFlight, loadFactor: load, failureFactor: failure, weight, score };
}
