/**
 * Milliseconds from `now` to the next whole second of its clock: what is to be looked at once a second is looked at in one
 * wake-up of the process, and not in one each.
 */
export function toNextSecond(now: number): number {
  return 1_000 - (now % 1_000);
}
