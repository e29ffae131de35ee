/**
 * All times of the membership machine, in milliseconds. A profile is chosen, not its fields: they hold only together.
 */
export interface MembershipTiming {
  /** [M4] One member is probed per interval. */
  readonly probeIntervalMs: number;
  /** [M4] From the ping to the call for help by others. */
  readonly probeTimeoutMs: number;
  /** [M5] The factor of the suspicion time. */
  readonly suspicionFactor: number;
}
