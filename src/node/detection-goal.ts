import { deriveTiming } from '../membership/derive-timing.ts';
import type { Membership } from '../membership/membership.ts';
import type { MembershipTiming } from '../membership/timing.ts';
import type { Clock, Timer } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';

/** Keeps the membership's timing such that a silent host is known within the goal, as far as this network lets it [M18]. */
export interface DetectionGoal {
  stop(): void;
}

/** Round trips and loss are smoothed over about so long. */
const reviewMs = 10_000;

export function createDetectionGoal(
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  membership: Membership,
  profile: MembershipTiming,
  goalMs: number,
): DetectionGoal {
  let timer: Timer | undefined;
  let told: string | undefined;

  function review(): void {
    const counts = membership.counts();
    const rttMs = [...membership.members()].flatMap((member) => (member.state === 'alive' ? (member.rttMs ?? []) : []));
    const live = 1 + counts.alive + counts.degraded + counts.suspect;
    const derived = deriveTiming(profile, goalMs, { rttMs, unanswered: counts.unanswered, live });
    membership.setTiming(derived.timing, clock.now());
    if (derived.limit !== told && derived.limit !== undefined) {
      const { limit, detectsWithinMs } = derived;
      log.warn('silent hosts cannot be noticed as soon as is asked for', { goalMs, detectsWithinMs, limit });
    }
    told = derived.limit;
    timer = clock.schedule(reviewMs, review);
  }

  review();
  return { stop: () => timer?.cancel() };
}
