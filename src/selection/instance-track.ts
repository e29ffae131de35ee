/**
 * How an attempt at an instance ended, as far as it tells something of that instance.
 * `answered`: it did what it was asked. `refused`: it had no room or takes no more work, and did nothing. `failed`: it took
 * the work and made nothing of it. `unreachable`: no way there, or the link broke. `expired`: the deadline passed while it
 * had it. `cancelled`: nobody waits any more, which is not its doing.
 */
export type AttemptEnd = 'answered' | 'refused' | 'failed' | 'unreachable' | 'expired' | 'cancelled';

/**
 * What this node notes about one instance while it uses it. One object for as long as the instance is known; nothing is
 * allocated per attempt. Times are monotonic milliseconds. Each `begin` is followed by exactly one `end`, or, for a stream,
 * by at most one `hear` and exactly one `release`.
 */
export class InstanceTrack {
  /** Exchanges and streams from here that have not ended. */
  inFlight = 0;
  /** Last failure to reach it or to hear from it in time; -Infinity when there was none. */
  failedAt = Number.NEGATIVE_INFINITY;

  begin(_now: number): void {
    this.inFlight += 1;
  }

  /** `latencyMs` is since its `begin`. */
  end(now: number, latencyMs: number, how: AttemptEnd): void {
    this.inFlight -= 1;
    this.hear(now, latencyMs, how);
  }

  /** It answered, or did not, and the stream may go on: of a stream that runs for hours only the time to its answer tells. */
  hear(now: number, _latencyMs: number, how: AttemptEnd): void {
    if (how === 'unreachable' || how === 'expired') this.failedAt = now;
  }

  /** A stream is over. */
  release(): void {
    this.inFlight -= 1;
  }
}
