/** How busy this host is. */
export interface HostLoad {
  /** Share of the processors in use since the last call: 0 idle to 1 full; `undefined` when not known (yet). */
  sample(): number | undefined;
}
