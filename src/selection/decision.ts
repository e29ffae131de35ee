import type { ServiceState } from '../protocol/service-entry.ts';
import type { ScoreTerms } from './score.ts';
import type { Strategy } from './strategy.ts';
import type { Tier } from './tier.ts';

/** One instance, and what speaks for and against it. Null where something is not known. Times in milliseconds. */
export interface CandidateReport {
  /** Name of its node. */
  readonly node: string;
  readonly state: ServiceState | 'degraded' | 'suspect';
  /** Nobody of a later tier is chosen while there is one of an earlier. */
  readonly tier: Tier;
  /** Of the best tier there is. */
  readonly eligible: boolean;
  /** Expected share of the next calls from here, 0 to 1; null in the account of a single choice. */
  readonly share: number | null;
  readonly terms: ScoreTerms;
  /** Since it was last measured from here. */
  readonly latencyAgeMs: number | null;
  /** Under way from here. */
  readonly inFlight: number;
  /** In hand there from everybody, as last published. */
  readonly inFlightThere: number | null;
  readonly load: number | null;
  readonly loadAgeMs: number | null;
  readonly weight: number;
  /** Of its weight this share counts: less than 1 while it is new, was left out, or warns of itself. */
  readonly weightShare: number;
  readonly sameHost: boolean;
  readonly rttMs: number | null;
  /** Failures as a share of what ended in the last seconds. */
  readonly failureShare: number;
  readonly labels: Readonly<Record<string, string>>;
  /** For people. */
  readonly why: string;
}

/** How one instance was chosen, or would be. */
export interface Decision {
  readonly strategy: Strategy;
  /** Name of the node it fell on; null: there is none. */
  readonly chosen: string | null;
  /** Names of those that were compared, in order; the first one stays unless another is better. */
  readonly drawn: readonly string[];
  /** Best first; of many the best, the chosen and the drawn. */
  readonly candidates: readonly CandidateReport[];
  /** How many there are in all. */
  readonly candidateCount: number;
}
