import { streamCreditBytes, streamWindowBytesMax } from '../protocol/limits.ts';
import type { WindowBudget } from './window-budget.ts';

/** Credit is given back in pieces of at least this share of the window: fewer frames, and the sender never runs dry. */
const creditShare = 4;

/** So many windows are worked off before the next one is twice as large. */
const windowsToGrow = 2;

/**
 * How many bytes the other side of a stream may have under way: few at first, more for a stream that works much off, as
 * long as the link's budget has it. So one that nobody reads holds little memory, however many there are.
 */
export class ReceiveWindow {
  private readonly budget: WindowBudget;
  private bytes: number = streamCreditBytes;
  private owed = 0;
  private workedOff = 0;

  constructor(budget: WindowBudget) {
    this.budget = budget;
  }

  /** `count` bytes are worked off. Returns how many more the other side may send now: often none yet. */
  consumed(count: number): number {
    this.owed += count;
    if (this.owed < this.bytes / creditShare) return 0;
    const credit = this.owed;
    this.owed = 0;
    this.workedOff += credit;
    return this.workedOff < windowsToGrow * this.bytes ? credit : credit + this.grow();
  }

  /** The stream is over. */
  close(): void {
    this.budget.left += this.bytes - streamCreditBytes;
    this.bytes = streamCreditBytes;
  }

  /** Returns by how much. */
  private grow(): number {
    const more = Math.min(this.bytes, this.budget.left, streamWindowBytesMax - this.bytes);
    this.workedOff = 0;
    this.budget.left -= more;
    this.bytes += more;
    return more;
  }
}
