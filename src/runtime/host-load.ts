/** One thing that may be scarce on this host. */
export interface LoadTerm {
  readonly name: 'cpu' | 'memory' | 'swap' | 'disk' | 'network' | 'loop';
  /** 0 idle to 1 full, smoothed. */
  readonly load: number;
  /** What was measured, for people. */
  readonly detail: string;
}

/** How busy this host is. */
export interface HostLoad {
  /** The fullest of `terms`, since the last call: 0 idle to 1 full; `undefined` when not known (yet). */
  sample(): number | undefined;
  /** Of the last sample; empty when there was none. */
  terms(): readonly LoadTerm[];
}
