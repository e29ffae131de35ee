import type { NodeId } from '../protocol/ids.ts';
import type { LoadReport } from '../protocol/load-report.ts';
import { isLeap } from './load-pacing.ts';

/** [R7] Of one host: burnt, free again and burnt once more. */
export const leapsAtOnce = 3;

/** And one more each time this has gone by: one that swings all the time costs the others no packets. */
export const leapEveryMs = 3_000;

/** [R7] Which reports of load go out in packets of their own. Of one entry for each node that leapt, until it is forgotten. */
export interface LoadLeaps {
  /** `before`: what was known of the same node until now; with nothing known, nobody sends calls by it. Counts it, if so. */
  presses(next: LoadReport, before: LoadReport | undefined, nowMs: number): boolean;
  forget(id: NodeId): void;
}

export function createLoadLeaps(): LoadLeaps {
  /** When each would have all its leaps again: the generic cell rate algorithm (ITU-T I.371). */
  const fullAt = new Map<NodeId, number>();
  return {
    presses(next, before, nowMs) {
      if (before === undefined || !isLeap(next, before)) return false;
      const from = Math.max(nowMs, fullAt.get(next.id) ?? nowMs);
      if (from - nowMs > (leapsAtOnce - 1) * leapEveryMs) return false;
      fullAt.set(next.id, from + leapEveryMs);
      return true;
    },
    forget: (id) => void fullAt.delete(id),
  };
}
