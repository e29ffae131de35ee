/** The only source of chance above `runtime/`. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** `count` unpredictable bytes. */
  bytes(count: number): Uint8Array;
}
