import type { Clock, Timer } from '../runtime/clock.ts';

/** Who is to be found by beacons is found by then, where it is quiet: the first has been said, and answers have come. */
const foundWithinMs = 250;

/** While a site forms every node has its hands full; what nobody waits for begins when that is over. */
const calmPauseMs = 1_500;

/** The start of a method that costs more than beacons do, and finds the same ones a little later where beacons pass. */
export interface LateStart {
  /** Settles when it has been started and tried once, or was given up. */
  begin(): Promise<void>;
  /** The node seeks: whatever was waited for is over. */
  now(): void;
  /** It is not started any more. */
  giveUp(): void;
}

export interface LateStartOptions {
  readonly clock: Clock;
  /** Whether beacons get out at all. Where they do not there is nothing to wait for. */
  readonly hasOthers: () => boolean;
  readonly isSeeking: () => boolean;
  readonly start: () => Promise<void>;
}

export function createLateStart({ clock, hasOthers, isSeeking, start }: LateStartOptions): LateStart {
  let timer: Timer | undefined;
  let state: 'idle' | 'waiting' | 'over' = 'idle';
  let settle: (tried: Promise<void> | undefined) => void = () => undefined;

  function end(tried: () => Promise<void> | undefined): void {
    const wasWaiting = state === 'waiting';
    state = 'over';
    timer?.cancel();
    if (wasWaiting) settle(tried());
  }

  function look(): void {
    if (isSeeking()) end(start);
    else timer = clock.schedule(calmPauseMs - foundWithinMs, () => end(start));
  }

  return {
    begin() {
      if (state !== 'idle') return Promise.resolve();
      state = 'waiting';
      const tried = new Promise<void>((resolve) => (settle = (last) => resolve(last)));
      if (hasOthers()) timer = clock.schedule(foundWithinMs, look);
      else end(start);
      return tried;
    },
    now() {
      if (state === 'waiting') end(start);
    },
    giveUp: () => end(() => undefined),
  };
}
