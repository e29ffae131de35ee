import { type FrameFields, FrameKind } from '../protocol/frame.ts';
import type { ReceivedFrame } from '../protocol/received-frame.ts';
import type { Clock } from '../runtime/clock.ts';

/**
 * Knows how long a link's frames were on their way beyond the usual, so that a deadline, which travels as time left, does
 * not stand still while TCP sends again or while a frozen program's kernel keeps what has come [F13].
 */
export interface TransitWatch {
  /** What a clock frame is to say; undefined when the last one is still new. */
  stamp(now: number): number | undefined;
  /** A clock frame has come. */
  heard(theirMs: number): void;
  /** The frame less the time it was under way beyond the usual: the same one where there was none. */
  timely(frame: ReceivedFrame): ReceivedFrame;
}

/** Stamps are this far apart at least: the precision of it all, for 36 bytes each. */
const stampEveryMs = 20;

/** The usual is the least of the last one or two of these: the two clocks do not run alike for ever. */
const windowMs = 60_000;

const twoTo32 = 4_294_967_296;

/** It has a deadline to keep. */
export function isTimed({ kind, deadlineMs }: FrameFields): boolean {
  if (kind !== FrameKind.message && kind !== FrameKind.open && kind !== FrameKind.run) return false;
  return deadlineMs !== Number.POSITIVE_INFINITY;
}

export function createTransitWatch(clock: Clock): TransitWatch {
  const startedAt = clock.now();
  let stampedAt = Number.NEGATIVE_INFINITY;
  let theirMs: number | undefined;
  /** Least difference of the two clocks in this window and in the one before. */
  let least = Number.POSITIVE_INFINITY;
  let leastBefore = Number.POSITIVE_INFINITY;
  let windowAt = startedAt;

  function turnWindow(now: number): void {
    if (now - windowAt < windowMs) return;
    leastBefore = now - windowAt < 2 * windowMs ? least : Number.POSITIVE_INFINITY;
    least = Number.POSITIVE_INFINITY;
    windowAt = now;
  }

  return {
    stamp(now) {
      if (now - stampedAt < stampEveryMs) return undefined;
      stampedAt = now;
      return Math.floor(now - startedAt) % twoTo32;
    },
    heard(value) {
      const now = clock.now();
      turnWindow(now);
      theirMs = value;
      least = Math.min(least, now - value);
    },
    timely(frame) {
      if (!isTimed(frame)) return frame;
      const now = clock.now();
      frame.readAt = now;
      if (theirMs === undefined) return frame;
      const lateMs = now - theirMs - Math.min(least, leastBefore) - stampEveryMs;
      if (lateMs <= 0) return frame;
      const { kind, flags, hops, to, from, correlation, bytes, start, end } = frame;
      const deadlineMs = Math.max(0, frame.deadlineMs - lateMs);
      return { kind, flags, hops, to, from, correlation, deadlineMs, bytes, start, end, readAt: now };
    },
  };
}
