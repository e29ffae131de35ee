import { CircuitBreaker } from './circuit-breaker.ts';
import { ServiceFigures } from './service-figures.ts';

/**
 * How an attempt at an instance ended, as far as it tells something of that instance.
 * `answered`: it did what it was asked. `refused`: it had no room or takes no more work, and did nothing. `failed`: it took
 * the work and made nothing of it. `unreachable`: no way there, or the link broke. `expired`: the deadline passed while it
 * had it. `cancelled`: nobody waits any more, which is not its doing.
 */
export type AttemptEnd = 'answered' | 'refused' | 'failed' | 'unreachable' | 'expired' | 'cancelled';

/** Whether an instance may be given work, by what this node has met with there. */
export type Fitness = 'fit' | 'trial' | 'hanging' | 'ejected';

/** Answers by which the mean is taken: of so many fewer than these the last counts more. */
const countMax = 64;
/** A slower answer than expected counts for so much at once: bad news must not wait until the mean has followed. */
const riseShare = 0.1;
/** As many answers as are needed to believe half of what they say. */
const countTrusted = 3;
/** What is within this factor of the usual is usual: else whoever had more work a moment ago would be taken for slow. */
const usualBand = 1.5;
/** One answer that took very long is counted as so many times the usual: what it says beyond that would bar for minutes. */
const peakMax = 20;
/** An instance that fails is taken to be so many times as slow as usual, or a black hole would win by being fast. */
const failurePeak = 4;
/** What was measured counts for little after this: then it may be as any other, and is worth a try. */
const forgetMsMin = 1_000;
/** As long as tries find it as slow as before, they become rarer, up to this. */
const forgetMsMax = 30_000;
/** A load above the first is an overload; one below the second says that it is over. */
const fullLoad = 0.8;
const roomyLoad = 0.5;
/** So many times the usual is slow. */
const slowFactor = 2;
/** Silence of some milliseconds is nothing, however fast the answers usually are: a collection of garbage takes as long. */
const silenceFloorMs = 2;
/** Silence so many times as long as an answer takes, and so many milliseconds, is no bad luck any more: it hangs. */
const hangFactor = 10;
const hangMsMin = 50;
/** Silence so many times as long as an answer takes is a stall, and what waited meanwhile was not slow but stopped. */
const stallFactor = 5;

/**
 * What this node notes about one instance while it uses it. One object for as long as the instance is known; nothing is
 * allocated per attempt. Times are monotonic milliseconds. Each `begin` is followed by exactly one `end`, or, for a stream,
 * by at most one `hear` and exactly one `release`.
 */
export class InstanceTrack {
  readonly figures: ServiceFigures;
  readonly breaker = new CircuitBreaker();
  /** Exchanges and streams from here that have not ended. */
  inFlight = 0;
  /** Mean time until it answers; counts for as much as `count` says. */
  latencyMs = 0;
  latencyAt = Number.NEGATIVE_INFINITY;
  /** Last failure to reach it or to hear from it in time; -Infinity when there was none. */
  failedAt = Number.NEGATIVE_INFINITY;
  /** Last time it had no room. */
  refusedAt = Number.NEGATIVE_INFINITY;
  /** Since when this node has seen it up; -Infinity: as long as it has been looking. */
  firstSeenAt = Number.NEGATIVE_INFINITY;
  /** 0 idle to 1 full as it was last told; NaN not known. */
  load = Number.NaN;
  loadAt = Number.NEGATIVE_INFINITY;
  /** What it had in hand from everybody when it last told; NaN not known. */
  inFlightThere = Number.NaN;
  inFlightThereAt = Number.NEGATIVE_INFINITY;
  /** Mean time from one answer to the next while it has work. */
  #paceMs = 0;
  /** Answers that `latencyMs` is the mean of, as of `latencyAt`. */
  #count = 0;
  #waitingSince = 0;
  #begunAt = 0;
  #stallFrom = 0;
  #stallTo = Number.NEGATIVE_INFINITY;
  #forgetMs = forgetMsMin;
  /** It was overloaded, and has not had room since. */
  #wasFull = false;

  constructor(figures: ServiceFigures = new ServiceFigures()) {
    this.figures = figures;
    figures.breakers.add(this.breaker);
  }

  /** `count`: so many at once. */
  begin(now: number, count = 1): void {
    if (this.inFlight === 0) this.#waitingSince = now;
    this.#begunAt = now;
    this.inFlight += count;
    this.figures.inFlight += count;
    this.breaker.begin(now);
  }

  /** `latencyMs` is since its `begin`. */
  end(now: number, latencyMs: number, how: AttemptEnd): void {
    this.release();
    this.hear(now, latencyMs, how);
  }

  /** It answered, or did not, and the stream may go on: of a stream that runs for hours only the time to its answer tells. */
  hear(now: number, latencyMs: number, how: AttemptEnd): void {
    switch (how) {
      case 'answered':
        this.#alive(now);
        this.breaker.success(now);
        return this.figures.answered(now, this.#measured(now, this.#withoutStall(now, latencyMs)), latencyMs);
      case 'refused':
        this.#alive(now);
        this.refusedAt = now;
        return this.breaker.abandon();
      case 'failed':
        this.#alive(now);
        this.#measured(now, Math.max(latencyMs, failurePeak * this.figures.latencyMs));
        if (this.breaker.failure(now)) this.figures.judge(this.breaker, now);
        return undefined;
      case 'expired':
        this.failedAt = now;
        this.#measured(now, Math.max(latencyMs, failurePeak * this.figures.latencyMs));
        if (this.breaker.failure(now)) this.figures.judge(this.breaker, now);
        return undefined;
      case 'unreachable':
        this.failedAt = now;
        return this.breaker.openUnreachable(now);
      case 'cancelled':
        // It took at least so long.
        if (latencyMs > this.expectedMs(now)) this.#measured(now, latencyMs);
        return this.breaker.abandon();
    }
  }

  /** A stream is over. */
  release(): void {
    this.inFlight -= 1;
    this.figures.inFlight -= 1;
  }

  /** It is gone. What is still under way may end later. */
  forget(): void {
    this.figures.breakers.delete(this.breaker);
  }

  noteLoad(now: number, load: number): void {
    if (load > fullLoad) this.#wasFull = true;
    if (load < roomyLoad && this.#wasFull) {
      // What was measured while it was overloaded says nothing of the time after, however slowly it came down.
      this.#wasFull = false;
      this.#count = 0;
      this.#paceMs = 0;
      this.#forgetMs = forgetMsMin;
    }
    this.load = load;
    this.loadAt = now;
  }

  /**
   * Whether it may be given work. `hanging`: nothing has come back for long although something is under way. `trial`: one
   * attempt is to find out whether it is well again, in the half-open state of its breaker or, while it hangs, each time
   * the silence has become twice as long.
   */
  fitness(now: number): Fitness {
    const state = this.breaker.state(now);
    if (state !== 'closed') return state === 'open' ? 'ejected' : 'trial';
    if (this.inFlight === 0) return 'fit';
    const silentMs = now - this.#waitingSince;
    if (silentMs < hangMsMin) return 'fit';
    const limitMs = Math.max(hangMsMin, hangFactor * this.#measuredMs(now));
    if (silentMs < limitMs) return 'fit';
    return silentMs - limitMs > 2 * (this.#begunAt - this.#waitingSince) ? 'trial' : 'hanging';
  }

  /**
   * Time to an answer as it is to be expected: what was measured, as far as it can be trusted, else what is usual. Much longer
   * when nothing has come back for longer than that although something is under way.
   */
  expectedMs(now: number): number {
    const expected = this.#measuredMs(now);
    if (this.inFlight === 0) return expected;
    const silentMs = now - this.#waitingSince;
    return silentMs > expected ? (silentMs * silentMs) / (expected + silenceFloorMs) : expected;
  }

  /** For how long nothing has come back although something is under way; 0 where nothing is. */
  silentMs(now: number): number {
    return this.inFlight === 0 ? 0 : now - this.#waitingSince;
  }

  /**
   * Time until what is under way from here will have been answered one after the other at its pace. With nothing under way it is
   * none, whatever the pace was: one that had more to do had the better pace, and would go on to have all of it.
   */
  queueMs(expectedMs: number): number {
    return this.inFlight * (this.#paceMs > 0 ? Math.min(this.#paceMs, expectedMs) : expectedMs);
  }

  #measuredMs(now: number): number {
    const usual = this.figures.latencyMs;
    const count = this.#countAt(now);
    const measured = usual + ((this.latencyMs - usual) * count) / (count + countTrusted);
    if (measured > usual) return Math.max(usual, measured / usualBand);
    return Math.min(usual, measured * usualBand);
  }

  #countAt(now: number): number {
    // Answers that came together.
    if (now === this.latencyAt) return this.#count;
    return this.#count * Math.exp((this.latencyAt - now) / this.#forgetMs);
  }

  /** A sign of life. */
  #alive(now: number): void {
    const gapMs = now - this.#waitingSince;
    if (gapMs > stallFactor * (this.latencyMs + silenceFloorMs) && this.#count > 0) {
      this.#stallFrom = this.#waitingSince;
      this.#stallTo = now;
    } else this.#paceMs += (gapMs - this.#paceMs) * (this.#paceMs > 0 ? riseShare : 1);
    this.#waitingSince = now;
  }

  #withoutStall(now: number, latencyMs: number): number {
    const beganAt = now - latencyMs;
    if (beganAt >= this.#stallTo) return latencyMs;
    return latencyMs - (this.#stallTo - Math.max(beganAt, this.#stallFrom));
  }

  /** Returns for how much it was taken. */
  #measured(now: number, latencyMs: number): number {
    const usual = this.figures.latencyMs;
    const sample = usual > 0 ? Math.min(latencyMs, peakMax * usual) : latencyMs;
    const ageMs = now - this.latencyAt;
    const count = this.#countAt(now);
    const share = 1 / (count + 1);
    this.latencyMs += (sample - this.latencyMs) * (sample > this.latencyMs && share < riseShare ? riseShare : share);
    this.#count = Math.min(countMax, count + 1);
    if (this.latencyMs < slowFactor * usual) this.#forgetMs = Math.max(forgetMsMin, this.#forgetMs / 2);
    else if (ageMs > this.#forgetMs) this.#forgetMs = Math.min(forgetMsMax, 2 * this.#forgetMs);
    this.latencyAt = now;
    return sample;
  }
}
