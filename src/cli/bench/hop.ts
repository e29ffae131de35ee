import { type LoadRun, percentile } from '../../api/load-run.ts';

/** A part of the way a message goes, and back. */
export type HopKind = 'program-agent' | 'agent-agent' | 'program-service';

/** What was measured of a hop. What was not, is null. */
export interface Hop {
  readonly hop: HopKind;
  readonly node: string;
  /** Null where the agents themselves were asked. */
  readonly service: string | null;
  /** With one under way at a time. */
  readonly p50Ms: number | null;
  readonly p90Ms: number | null;
  readonly p99Ms: number | null;
  /** With `depth` under way at a time. */
  readonly perSecond: number | null;
  readonly depth: number;
  readonly failed: number;
}

export interface HopPlace {
  readonly hop: HopKind;
  readonly node: string;
  readonly service: string | null;
}

export function hopOf(place: HopPlace, depth: number, single: LoadRun, many: LoadRun): Hop {
  const { latenciesMs } = single;
  return {
    ...place,
    p50Ms: rounded(percentile(latenciesMs, 0.5)),
    p90Ms: rounded(percentile(latenciesMs, 0.9)),
    p99Ms: rounded(percentile(latenciesMs, 0.99)),
    perSecond: many.elapsedMs > 0 ? Math.round(((many.count - many.failed) / many.elapsedMs) * 1_000) : null,
    depth,
    failed: single.failed + many.failed,
  };
}

/** Microseconds: no clock here is better. */
function rounded(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.round(ms * 1_000) / 1_000;
}
