/** What a client was asked to do, for how long. */
export interface Task {
  readonly verb: 'call' | 'send' | 'publish' | 'bulk' | 'hold' | 'flood';
  readonly bodyBytes: number;
  readonly depth: number;
  readonly ms: number;
}

export interface Load {
  /** Messages that came to their end; bytes of a bulk. */
  readonly count: number;
  readonly elapsedMs: number;
  /** Microseconds, sorted: a part of them, evenly spread. */
  readonly latenciesUs: readonly number[];
}
