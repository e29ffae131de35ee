import { streamCreditBytes, streamWindowBytesMax } from '../protocol/limits.ts';
import type { WindowBudget } from './window-budget.ts';

/** Credit is given back in pieces of at least this share of the window: fewer frames, and the sender never runs dry. */
const creditShare = 4;

/** So many windows are worked off before the next one is twice as large. */
const windowsToGrow = 2;

/** Twice the window moves twice as much where the way is long, and no more where bytes wait in front of something slow. */
const gainMin = 1.5;

/** After so many looks without a gain it is tried anew: what else went by that way may be over. */
const looksToTry = 64;

/**
 * How many bytes the other side of a stream may have under way: few at first, more for a stream that works much off, as
 * long as the link's budget has it; less again where messages would have to wait behind them. So one that nobody reads
 * holds little memory, however many there are.
 */
export class ReceiveWindow {
  private readonly budget: WindowBudget;
  private bytes: number = streamCreditBytes;
  private owed = 0;
  private workedOff = 0;
  private lookedAt: number;
  /** Bytes in a millisecond before the window was last changed. */
  private rateBefore = 0;
  private looks = 0;

  constructor(budget: WindowBudget) {
    this.budget = budget;
    this.lookedAt = budget.now();
  }

  /** `count` bytes are worked off. Returns how many more the other side may send now: often none yet. */
  consumed(count: number): number {
    this.owed += count;
    if (this.owed < this.bytes / creditShare) return 0;
    const credit = this.owed;
    this.owed = 0;
    this.workedOff += credit;
    if (this.workedOff < this.bytes) return credit;
    return credit + this.review(credit);
  }

  /** The stream is over. */
  close(): void {
    this.budget.left += this.bytes - streamCreditBytes;
    this.bytes = streamCreditBytes;
  }

  /** A whole window was worked off. Returns by how much it grows; what is negative is kept back of the credit. */
  private review(credit: number): number {
    const now = this.budget.now();
    const tookMs = ((now - this.lookedAt) * this.bytes) / this.workedOff;
    const rate = this.bytes / tookMs;
    const gained = rate >= gainMin * this.rateBefore;
    const room = this.budget.roomFor(this.bytes, tookMs, gained);
    if (room >= 0 && this.workedOff < windowsToGrow * this.bytes) return 0;
    this.workedOff = 0;
    this.lookedAt = now;
    const more =
      room < 0
        ? -Math.min(-room, credit, this.bytes - streamCreditBytes)
        : Math.min(room, this.bytes, streamWindowBytesMax - this.bytes);
    this.looks += 1;
    if (more !== 0 || gained) this.looks = 0;
    if (more !== 0) this.rateBefore = rate;
    else if (this.looks >= looksToTry) this.rateBefore = 0;
    this.budget.left -= more;
    this.bytes += more;
    return more;
  }
}
