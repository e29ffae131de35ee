/**
 * All times of the membership machine, in milliseconds. A profile is chosen, not its fields: they hold only together.
 */
export interface MembershipTiming {
  /** [M4] One member is probed per interval. */
  readonly probeIntervalMs: number;
  /** [M4] From a ping to the call for help by others. Above the usual round trip and the usual stall of a busy program. */
  readonly probeTimeoutMs: number;
  /** [M4] From a ping to the suspicion: whole intervals, so that probes overlap instead of waiting for each other. */
  readonly probeDeadlineMs: number;
  /** [M5] */
  readonly suspicionFactor: number;
  /** [M5] What is left of the suspicion time when three others have confirmed: 0 to 1. */
  readonly suspicionShareMin: number;
  /** Pause between the packets that carry nothing but news; they stop when the news has been passed on often enough [M6]. */
  readonly gossipIntervalMs: number;
  /** [M8] One dead member is pinged per interval. */
  readonly deadProbeIntervalMs: number;
  /** [M8] How long the dead and the left are remembered. */
  readonly rememberMs: number;
  /** [M12] What a process whose port is closed has to ack nevertheless. */
  readonly quickMs: number;
  /** [M15] A node that did not run for so long was frozen; less is a busy moment. */
  readonly stallMs: number;
  /** [M15] How long a member whose host answers and whose process does not is degraded, before it is suspect. */
  readonly frozenMs: number;
  /** [S4] Synchronisation with a member chosen at random where views differed; spread by ± 20 %. */
  readonly syncIntervalMs: number;
  /** [S4] The same where they did not. */
  readonly syncIdleMs: number;
  /** [G4] Least time between two synchronisations because of a digest that differs, where there are many members. */
  readonly syncGapMs: number;
}

export type TimingProfile = 'local' | 'lan' | 'wan';

const lan: MembershipTiming = {
  probeIntervalMs: 330,
  probeTimeoutMs: 100,
  probeDeadlineMs: 500,
  suspicionFactor: 6,
  suspicionShareMin: 0.35,
  gossipIntervalMs: 50,
  deadProbeIntervalMs: 1_000,
  rememberMs: 600_000,
  quickMs: 25,
  stallMs: 500,
  frozenMs: 60_000,
  syncIntervalMs: 10_000,
  syncIdleMs: 300_000,
  syncGapMs: 1_000,
};

/**
 * `lan`: a silent host of up to 32 is dead for all within 3 s, two at the median (0.2 s until somebody probes it, 0.5 s to
 * suspect, 0.7 to 1.1 s of confirmed suspicion), for 3 pings and 3 acks a second, 0.6 kB/s with all headers and seals.
 * `local`: one host, loopback only. Nothing is lost on the way, but all nodes share the processor, so it saves less on the
 * patience with a stalled program than on the rest. `wan`: round trips of up to 300 ms, and links that lose a little.
 */
export const timingProfiles: Readonly<Record<TimingProfile, MembershipTiming>> = {
  lan,
  local: { ...lan, probeIntervalMs: 250, probeTimeoutMs: 75, probeDeadlineMs: 400, gossipIntervalMs: 20, quickMs: 15 },
  wan: {
    ...lan,
    probeIntervalMs: 1_000,
    probeTimeoutMs: 400,
    probeDeadlineMs: 2_000,
    gossipIntervalMs: 200,
    quickMs: 150,
    stallMs: 1_000,
    syncGapMs: 2_000,
  },
};
