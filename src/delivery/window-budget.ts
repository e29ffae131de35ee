import type { NodeId } from '../protocol/ids.ts';
import { linkWindowBytesMax } from '../protocol/limits.ts';
import type { Clock } from '../runtime/clock.ts';

/** So much may the windows of a link's streams have beyond their first ones while messages share it: with a stream's first window 50 µs of a fast link. */
const sharedBytesMax = 32_768;

/** After a message the link counts as shared until so much was worked off: a quarter of a second of a fast link. */
const sharedForBytes = 268_435_456;

/** A window that lasts longer may be under way for the length of the way, and not because it waits. */
const quickMs = 0.5;

/** What all streams of one link may have beyond their first windows. */
export class WindowBudget {
  left = linkWindowBytesMax;
  private sharedLeft = 0;
  private readonly clock: Pick<Clock, 'now'>;

  constructor(clock: Pick<Clock, 'now'>) {
    this.clock = clock;
  }

  now(): number {
    return this.clock.now();
  }

  /** A message or a reply has come by the link. */
  noteMessage(): void {
    this.sharedLeft = sharedForBytes;
  }

  /**
   * By how much one may grow whose last `bytes` took so long to be worked off; what is negative it has too much. Messages
   * wait behind what a window lets be under way, but for what a long way needs: there a larger one has `gained`.
   */
  roomFor(bytes: number, tookMs: number, gained: boolean): number {
    this.sharedLeft -= bytes;
    if (this.sharedLeft <= 0 || (tookMs > quickMs && gained)) return this.left;
    return Math.min(this.left, sharedBytesMax - (linkWindowBytesMax - this.left));
  }
}

/** One for each link. */
export interface WindowBudgets {
  of(peer: NodeId): WindowBudget;
  noteMessage(peer: NodeId): void;
  /** Its link is gone; what is left of its streams keeps what it has. */
  forget(peer: NodeId): void;
}

export function createWindowBudgets(clock: Clock): WindowBudgets {
  const budgets = new Map<NodeId, WindowBudget>();
  return {
    of(peer) {
      let budget = budgets.get(peer);
      if (budget === undefined) {
        budget = new WindowBudget(clock);
        budgets.set(peer, budget);
      }
      return budget;
    },
    noteMessage: (peer) => budgets.get(peer)?.noteMessage(),
    forget: (peer) => void budgets.delete(peer),
  };
}
