import type { Clock } from '../runtime/clock.ts';

/**
 * So much may be under way whatever was measured: what two processes of a host get done in their turns, three milliseconds of the
 * slowest line of a site. With twice that a call beside a stream takes half as long again, and the stream is half as fast again.
 */
export const underWayBytesMin = 32_768;

/** The same where no message shares the link: on a host that is too busy what was measured says little. */
const aloneBytesMin = 262_144;

/** However long and wide the way is: so much of it lies in this process where the other side does not read. */
export const underWayBytesMax = 8_388_608;

/** Where no message shares the link, so much time's worth may wait at its ends: for two processes that take turns on a core. */
const aloneMs = 1;

/** After a message the link counts as shared until so much was written: a quarter of a second of a fast link. */
const sharedForBytes = 268_435_456;

/** Of what fills the way by what was measured: no more, and a way that has become wider would never be found out. */
const gain = 1.5;

/** With each next mark so much of the highest rate is still believed: the way may have become narrower. */
const believed = 7 / 8;

/** About so many marks are on the way at a time. */
const marksAtOnce = 4;

/** The least time on the way is the least of so long, or of twice that; then it is measured anew with little under way. */
const leastForMs = 10_000;

/** A ping behind a part of the bulk. */
interface Mark {
  readonly number: number;
  readonly at: number;
  /** Bytes written before it. */
  readonly written: number;
  /** What was known to have arrived when it went, and since when. */
  readonly arrivedThen: number;
  readonly arrivedThenAt: number;
}

/**
 * How many bytes of streams may be on their way over a link, both kernels included, so that a message that is written behind
 * them waits for little: what fills the way and half as much again, by the highest rate and the least time that were
 * measured, as BBR reckons it (Cardwell et al. 2016). Pings behind them tell what has arrived.
 */
export class BulkPace {
  private readonly clock: Pick<Clock, 'now'>;
  private written = 0;
  private arrived = 0;
  private arrivedAt = 0;
  private marked = 0;
  private lastNumber = 0;
  private readonly marks: Mark[] = [];
  private sharedLeft = 0;
  /** Bytes in a millisecond. */
  private rate = 0;
  private leastMs = Number.POSITIVE_INFINITY;
  private leastMsBefore = Number.POSITIVE_INFINITY;
  private leastSince = Number.NEGATIVE_INFINITY;
  private isMeasuringAnew = false;
  private underWayMax = underWayBytesMin;

  constructor(clock: Pick<Clock, 'now'>) {
    this.clock = clock;
  }

  /** A message shares the link. */
  noteMessage(): void {
    const wasAlone = this.sharedLeft === 0;
    this.sharedLeft = sharedForBytes;
    if (wasAlone) this.underWayMax = this.limit();
  }

  /** No message has shared the link of late. */
  get isAlone(): boolean {
    return this.sharedLeft === 0;
  }

  /** How many bytes more may be written now; negative when there are too many. */
  room(): number {
    return this.underWayMax - (this.written - this.arrived);
  }

  /** So many bytes are written. Returns the number of the ping that must follow them, 0 for none. */
  wrote(bytes: number): number {
    this.written += bytes;
    this.sharedLeft = Math.max(0, this.sharedLeft - bytes);
    return this.written - this.marked >= this.underWayMax / marksAtOnce || this.room() <= 0 ? this.mark() : 0;
  }

  /** The answer to a ping has come: what was written before it is there. */
  passed(number: number): void {
    const index = this.marks.findIndex((mark) => mark.number === number);
    const mark = this.marks[index];
    if (mark === undefined) return;
    this.marks.splice(0, index + 1);
    const now = this.clock.now();
    this.leastMs = Math.min(this.leastMs, now - mark.at);
    if (mark.written - mark.arrivedThen <= 2 * underWayBytesMin) this.isMeasuringAnew = false;
    const tookMs = now - mark.arrivedThenAt;
    if (tookMs > 0) this.rate = Math.max((mark.written - mark.arrivedThen) / tookMs, this.rate * believed);
    this.arrived = mark.written;
    this.arrivedAt = now;
    this.underWayMax = this.limit();
  }

  /** Something waits for room. Returns the number of the ping that must go, 0 for none: without one no room would ever be told. */
  ask(): number {
    return this.marks.length === 0 && this.written > this.marked ? this.mark() : 0;
  }

  private limit(): number {
    const leastMs = Math.min(this.leastMs, this.leastMsBefore);
    if (this.isMeasuringAnew) return underWayBytesMin;
    if (leastMs === Number.POSITIVE_INFINITY) return underWayBytesMin;
    const [least, waitMs] = this.sharedLeft > 0 ? [underWayBytesMin, 0] : [aloneBytesMin, aloneMs];
    return Math.min(underWayBytesMax, least + Math.floor(this.rate * (gain * leastMs + waitMs)));
  }

  private mark(): number {
    const now = this.clock.now();
    if (now - this.leastSince >= leastForMs) this.forgetLeast(now);
    const { written } = this;
    // 0 is the number of the keep-alive's pings.
    const number = (this.lastNumber % 0xffff_ffff) + 1;
    // After a pause what was written since the last mark is all that is under way, and has only now begun.
    const isFirst = this.marks.length === 0;
    const [arrivedThen, arrivedThenAt] = isFirst ? [this.marked, now] : [this.arrived, this.arrivedAt];
    this.marks.push({ number, at: now, written, arrivedThen, arrivedThenAt });
    this.lastNumber = number;
    this.marked = written;
    return number;
  }

  private forgetLeast(now: number): void {
    this.leastMsBefore = now - this.leastSince < 2 * leastForMs ? this.leastMs : Number.POSITIVE_INFINITY;
    this.leastMs = Number.POSITIVE_INFINITY;
    this.leastSince = now;
    this.isMeasuringAnew = true;
  }
}
