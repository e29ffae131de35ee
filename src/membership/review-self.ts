import { announceSelf, raiseIncarnation } from './apply.ts';
import { degradeSelf, stallsMax } from './health.ts';
import type { Machine } from './machine.ts';
import { tell } from './shown-state.ts';

/** [M15] Calls itself degraded for stalls that nobody noticed, and alive when it has run for long enough. */
export function reviewSelf(m: Machine): void {
  if (m.stalls.length >= stallsMax) {
    const { state } = m.self;
    const ms = m.stall?.ms ?? m.timing.stallMs;
    m.stalls = [];
    degradeSelf(m, ms);
    // Who says so already says so for longer.
    if (state === 'alive') announceSelf(m);
  }
  if (m.self.state !== 'degraded' || m.time < m.degradedUntil) return;
  m.self.state = 'alive';
  m.self.cause = undefined;
  m.self.since = m.now;
  tell(m, m.self, false);
  raiseIncarnation(m, m.self.incarnation);
}
