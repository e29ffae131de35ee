/** Counters and levels of a host, or of the container that this process is in, at one time. `undefined`: not known here. */
export interface HostReading {
  /** Monotonic milliseconds. */
  readonly at: number;
  /** Processors this process may use: those of the host, or fewer by a limit. */
  readonly processors: number;
  /** Set when a limit is the container's own. */
  readonly isLimited: boolean;
  /** Milliseconds of processor time used so far by all who share these processors. */
  readonly busyMs: number | undefined;
  /** How many want a processor at this moment. */
  readonly runnable: number | undefined;
  /** Periods of the limit so far, and those in which it held somebody up. */
  readonly periods: number | undefined;
  readonly throttled: number | undefined;
  /** 0 to 1. */
  readonly memoryUsed: number | undefined;
  /** Milliseconds in which all who had something to do waited for memory, so far. */
  readonly memoryStallMs: number | undefined;
  /** Pages read from and written to swap so far. */
  readonly swapPages: number | undefined;
  /** The same for disks. */
  readonly diskStallMs: number | undefined;
  /** Milliseconds in which the busiest disk had something to do, so far. */
  readonly diskBusyMs: readonly number[];
  /** For each interface of a known speed: bytes so far, the greater of both directions, and bytes in a second at most. */
  readonly networks: readonly { readonly name: string; readonly bytes: number; readonly bytesPerSecond: number }[];
  /** Milliseconds in which the event loop of this process was at work, so far. */
  readonly loopBusyMs: number;
}

/** Nothing but the time. */
export function emptyReading(at: number): HostReading {
  return {
    at,
    processors: 1,
    isLimited: false,
    busyMs: undefined,
    runnable: undefined,
    periods: undefined,
    throttled: undefined,
    memoryUsed: undefined,
    memoryStallMs: undefined,
    swapPages: undefined,
    diskStallMs: undefined,
    diskBusyMs: [],
    networks: [],
    loopBusyMs: 0,
  };
}
