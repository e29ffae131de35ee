import type { ReceivedFrame } from '../protocol/received-frame.ts';
import type { Clock } from '../runtime/clock.ts';
import type { FrameLink } from './frame-link.ts';

/** What is queued on the old link has this long to get across. */
const successionTimeoutMs = 5_000;

/**
 * A link that takes over from another one to the same peer, without losing a frame or changing their order: this side
 * writes to the new one from now on, and reads it only when the other side has written its last on the old one.
 */
export interface Succession {
  readonly old: FrameLink;
  /** Whether frames of the new link must wait still. */
  readonly isWaiting: boolean;
  /** Keeps a frame of the new link. */
  hold(frame: ReceivedFrame): void;
  /** The other side has ended the old link: hands over what was held, and goes on reading. A text is what was wrong with a frame. */
  drained(deliver: (frame: ReceivedFrame) => string | undefined): void;
  /** The old link is closed. */
  over(): void;
}

/** `isDrained`: the other side has ended the old link already. */
export function beginSuccession(clock: Clock, old: FrameLink, next: FrameLink, isDrained: boolean): Succession {
  const held: ReceivedFrame[] = [];
  let isWaiting = !isDrained;
  if (isWaiting) next.pause();
  old.end();
  const timer = clock.schedule(successionTimeoutMs, () => old.destroy());
  return {
    old,
    get isWaiting() {
      return isWaiting;
    },
    hold({ kind, flags, hops, to, from, correlation, deadlineMs, bytes, start, end }) {
      const kept = new Uint8Array(bytes.subarray(start, end));
      held.push({ kind, flags, hops, to, from, correlation, deadlineMs, bytes: kept, start: 0, end: kept.length });
    },
    drained(deliver) {
      isWaiting = false;
      for (const frame of held.splice(0)) {
        const fault = deliver(frame);
        if (fault === undefined) continue;
        next.goaway('protocol', fault);
        return;
      }
      next.resume();
    },
    over: () => timer.cancel(),
  };
}
