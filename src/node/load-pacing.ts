import { loadRepeatMs } from '../protocol/load.ts';
import type { LoadReport } from '../protocol/load-report.ts';

/** A change of load below this is not told: it would change no choice. */
export const loadStep = 0.05;

/** One from here on is told without regard to how many must hear it: this host is burnt, or free again. */
export const loadLeap = 0.3;

/** At most 5 times a second. */
export const loadGapMs = 200;

/** In a cluster larger than this, where each word costs all of it something, as much less often. */
export const loadGapMembers = 25;

/**
 * [R7] Whether what a node would say now is to be told: when it differs enough from what it said, not too soon after that;
 * and again after a while, for those who missed it. `others`: live members beside this one.
 */
export function isLoadDue(next: LoadReport, told: LoadReport | undefined, sinceMs: number, others: number): boolean {
  if (told === undefined || sinceMs >= loadRepeatMs) return true;
  const change = largestChange(next, told);
  if (change < loadStep || sinceMs < loadGapMs) return false;
  return change >= loadLeap || sinceMs >= loadGapMs * Math.max(1, others / loadGapMembers);
}

/** [R7] That a host is burnt, or free again, is told in packets of its own: each call that goes there meanwhile waits. */
export function isLeap(next: LoadReport, told: LoadReport): boolean {
  return largestChange(next, told) >= loadLeap;
}

/** A load that was not known, or is not any more, is a leap. */
function largestChange(next: LoadReport, told: LoadReport): number {
  let largest = changeOf(next.hostLoad, told.hostLoad);
  const before = new Map(told.services.map((service) => [service.name, service.load]));
  for (const { name, load } of next.services) largest = Math.max(largest, changeOf(load, before.get(name)));
  return largest;
}

/** In steps of the wire, so that 0.05 is 0.05. */
function changeOf(a: number | undefined, b: number | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 0 : 1;
  return Math.round(Math.abs(a - b) * 1_000) / 1_000;
}
