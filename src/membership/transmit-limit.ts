/** [M6] How often an update is passed on where `live` nodes are live, this one included. 1 → 3, 32 → 18, 2,000 → 33. */
export function transmitLimit(live: number): number {
  return 3 * Math.ceil(Math.log2(live + 1));
}
