import type { NodeId } from '../protocol/ids.ts';
import { linkWindowBytesMax } from '../protocol/limits.ts';

/** What all streams of one link may have beyond their first windows. */
export interface WindowBudget {
  left: number;
}

/** One for each link. */
export interface WindowBudgets {
  of(peer: NodeId): WindowBudget;
  /** Its link is gone; what is left of its streams keeps what it has. */
  forget(peer: NodeId): void;
}

export function createWindowBudgets(): WindowBudgets {
  const budgets = new Map<NodeId, WindowBudget>();
  return {
    of(peer) {
      let budget = budgets.get(peer);
      if (budget === undefined) {
        budget = { left: linkWindowBytesMax };
        budgets.set(peer, budget);
      }
      return budget;
    },
    forget: (peer) => void budgets.delete(peer),
  };
}
