import type { DetectionView } from '../api/views.ts';
import { deriveTiming, detectionMs, type MeasuredNetwork } from '../membership/derive-timing.ts';
import type { Membership } from '../membership/membership.ts';
import type { MembershipTiming } from '../membership/timing.ts';
import type { Clock, Timer } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';

/** Keeps the membership's timing such that a silent host is known within the goal, as far as this network lets it [M18]. */
export interface DetectionGoal {
  /** What comes of it with the members and the round trips there are now. */
  view(): DetectionView;
  stop(): void;
}

/** Round trips and loss are smoothed over about so long. */
const reviewMs = 10_000;

/** `goalMs` undefined: the profile stays as it is. */
export function createDetectionGoal(
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  membership: Membership,
  profile: MembershipTiming,
  goalMs: number | undefined,
): DetectionGoal {
  let timer: Timer | undefined;
  let told: string | undefined;

  function measured(): MeasuredNetwork {
    const { alive, degraded, suspect, unanswered } = membership.counts();
    const rttMs = [...membership.members()].flatMap((member) => (member.state === 'alive' ? (member.rttMs ?? []) : []));
    return { rttMs, unanswered, live: 1 + alive + degraded + suspect };
  }

  function review(goal: number): void {
    const network = measured();
    const { timing, detectsWithinMs, limit } = deriveTiming(profile, goal, network);
    membership.setTiming(timing, clock.now());
    // Who is alone has nobody to notice: what would be possible is not known yet.
    const worthTelling = network.live > 1 ? limit : undefined;
    if (worthTelling !== undefined && worthTelling !== told) {
      log.warn('silent hosts cannot be noticed as soon as is asked for', { goalMs: goal, detectsWithinMs, limit });
    }
    told = worthTelling;
    timer = clock.schedule(reviewMs, () => review(goal));
  }

  if (goalMs !== undefined) review(goalMs);
  return {
    view() {
      const network = measured();
      if (goalMs === undefined) {
        return { askedMs: null, withinMs: Math.round(detectionMs(profile, network.live)), why: '' };
      }
      const { detectsWithinMs, limit } = deriveTiming(profile, goalMs, network);
      // Whole milliseconds of each part may add up to one more.
      const withinMs = limit === undefined ? Math.min(goalMs, detectsWithinMs) : detectsWithinMs;
      return { askedMs: goalMs, withinMs, why: whyOf(limit, network) };
    },
    stop: () => timer?.cancel(),
  };
}

function whyOf(limit: 'round-trips' | 'cost' | undefined, { rttMs, unanswered, live }: MeasuredNetwork): string {
  if (limit === undefined) return '';
  if (live === 1) return 'no other node is there to tell how soon it can be';
  if (limit === 'round-trips') {
    const lost = unanswered >= 0.01 ? ` and ${Math.round(unanswered * 100)} of 100 first pings are lost` : '';
    return `an answer may take three of the slowest round trip, ${Math.max(0, ...rttMs).toFixed(1)} ms${lost}`;
  }
  return live === 2 ? 'of two nodes neither has a third to ask' : 'sooner would cost each node several kB/s';
}
