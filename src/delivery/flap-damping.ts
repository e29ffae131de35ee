/** What an instance says of itself, best first. */
export const workingStates = ['up', 'warning', 'down'] as const;

export type WorkingState = (typeof workingStates)[number];

export function worseOf(a: WorkingState, b: WorkingState): WorkingState {
  return workingStates.indexOf(a) >= workingStates.indexOf(b) ? a : b;
}

/** As many falls within `fallWindowMs` are flapping: two are a restart that was done twice. */
export const fallsToHold = 3;
export const fallWindowMs = 60_000;

/** How long one that flaps must be well before it is believed, the first time; twice as long each further time. */
export const holdMsFirst = 10_000;
/** A fault that comes every few minutes is still told within as many. */
export const holdMsMax = 300_000;
/** Well for so long, and its past is forgotten. */
export const forgivenAfterMs = 600_000;

/**
 * Damping of an instance that comes and goes, after route flap damping (RFC 2439): bad news is told at once, good news
 * late once there was bad news too often, so that a check that flips with every run is one change in the cluster. Takes
 * the time with each call.
 */
export class FlapDamping {
  #said: WorkingState;
  #shown: WorkingState;
  #falls: number[] = [];
  /** How often it was held since it was last forgiven. */
  #holds = 0;
  #isHeld = false;
  /** When it was last said to be well. */
  #wellSince = Number.NEGATIVE_INFINITY;

  /** To begin badly is no fall. */
  constructor(initial: WorkingState) {
    this.#said = initial;
    this.#shown = initial;
  }

  /** What others are told. */
  get shown(): WorkingState {
    return this.#shown;
  }

  get said(): WorkingState {
    return this.#said;
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** How long it must be well to be believed. */
  get holdMs(): number {
    return Math.min(holdMsMax, holdMsFirst * 2 ** Math.max(0, this.#holds - 1));
  }

  /** When to call `look`; undefined: nothing will change by itself. */
  get dueAt(): number | undefined {
    return this.#isHeld && this.#said === 'up' ? this.#wellSince + this.holdMs : undefined;
  }

  say(state: WorkingState, now: number): void {
    const before = this.#said;
    if (state === before) return;
    this.#said = state;
    if (state === 'up') this.#wellSince = now;
    if (before === 'up') this.#fall(now);
    this.#shown = this.#isHeld ? worseOf(this.#shown, state) : state;
  }

  /** Lets go of what has been well for long enough. */
  look(now: number): void {
    if (this.dueAt === undefined || now < this.dueAt) return;
    this.#isHeld = false;
    this.#shown = 'up';
    this.#falls = [];
  }

  #fall(now: number): void {
    this.look(now);
    if (now - this.#wellSince >= forgivenAfterMs) this.#holds = 0;
    this.#falls = [...this.#falls.filter((at) => now - at < fallWindowMs), now].slice(-fallsToHold);
    if (this.#isHeld || (this.#falls.length < fallsToHold && this.#holds === 0)) return;
    this.#isHeld = true;
    this.#holds += 1;
  }
}
