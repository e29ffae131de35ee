/** [M6] How often an update is passed on where `live` nodes are live, this one included. 1 → 4, 32 → 24, 2,000 → 44. */
export function transmitLimit(live: number): number {
  return 4 * Math.ceil(Math.log2(live + 1));
}
