import { loadRepeatMs } from '../protocol/load.ts';
import type { Candidate } from './candidate.ts';

/** What a candidate's score is made of. The smaller score is the better; it is about the milliseconds an answer will take. */
export interface ScoreTerms {
  /** Time to an answer as measured from here, the older the closer to what is usual for the service. */
  readonly latencyMs: number;
  /** Time until all that is under way from here will be answered at its pace. */
  readonly queueMs: number;
  /** Expected slowing by others' work there, 1 (room) to 4 (full). */
  readonly loadFactor: number;
  /** 1; more while it has just refused work for want of room, or when its node stood still a moment ago. */
  readonly healthFactor: number;
  /** 1 on this host, more elsewhere: among equals the nearest is taken. */
  readonly distanceFactor: number;
  /** `(latencyMs + queueMs) · loadFactor · healthFactor · distanceFactor`. */
  readonly score: number;
}

/** An unknown load counts as this: neither does the unknown draw all, nor does it get nothing. */
export const loadAssumed = 0.3;
/** Half of what a load says is lost in so long after it should have been told again. */
export const loadHalfLifeMs = 10_000;
/** Below this a host has room: what differs there is noise, and no reason to send anybody elsewhere. */
const loadIdle = 0.6;
/**
 * Of a full host. Not more, although a queue grows without bound: everybody is told the same some time ago, and if all ran away
 * from a full host at once they would fill the next.
 */
const loadFactorMax = 4;

/** Factor of one that has just said that it has no room, and the time in which it falls to nothing. */
const refusedFactor = 8;
const refusedFadesMs = 1_000;
/** One that stood still a moment ago may do so again; it is for when the others have twice as much to do. */
const shakyFactor = 2;
/** One elsewhere must be better by a third than one on this host. */
export const elsewhereFactor = 1.35;
/** Less than this no answer is taken to need, so that a few microseconds more or less say nothing. */
const latencyFloorMs = 0.2;

/** 1 up to a load of 0.6, then in a straight line to 4 for a full host. */
export function loadFactor(load: number, ageMs: number): number {
  if (Number.isNaN(load)) return 1;
  const expected = loadAssumed + (load - loadAssumed) * 2 ** (-Math.max(0, ageMs - loadRepeatMs) / loadHalfLifeMs);
  const beyond = Math.min(1, Math.max(0, (expected - loadIdle) / (1 - loadIdle)));
  return 1 + (loadFactorMax - 1) * beyond;
}

/** 8 right after a refusal, falling in a straight line to 1 within a second. */
export function refusedFactorOf(ageMs: number): number {
  if (ageMs >= refusedFadesMs) return 1;
  return 1 + (refusedFactor - 1) * (1 - Math.max(0, ageMs) / refusedFadesMs);
}

function healthFactor({ track, isShaky }: Candidate, now: number): number {
  return refusedFactorOf(now - track.refusedAt) * (isShaky ? shakyFactor : 1);
}

/** What is known first hand, wherever it is. */
export function ownScore(candidate: Candidate, now: number): number {
  const { track } = candidate;
  const latencyMs = track.expectedMs(now) + latencyFloorMs;
  return (latencyMs + track.queueMs(latencyMs)) * healthFactor(candidate, now);
}

/** What others told, some time ago. */
export function toldFactor({ track }: Candidate, now: number): number {
  return loadFactor(track.load, now - track.loadAt);
}

export function scoreTerms(candidate: Candidate, now: number): ScoreTerms {
  const { track, sameHost } = candidate;
  const latencyMs = track.expectedMs(now) + latencyFloorMs;
  return {
    latencyMs,
    queueMs: track.queueMs(latencyMs),
    loadFactor: toldFactor(candidate, now),
    healthFactor: healthFactor(candidate, now),
    distanceFactor: sameHost ? 1 : elsewhereFactor,
    score: ownScore(candidate, now) * toldFactor(candidate, now) * (sameHost ? 1 : elsewhereFactor),
  };
}
