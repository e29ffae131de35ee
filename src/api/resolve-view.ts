import type { Decision } from '../selection/decision.ts';
import type { Strategy } from '../selection/strategy.ts';

/** Where calls to an address would go now, seen from one node: `fogata resolve --json`. */
export interface ResolveView extends Decision {
  /** As it was asked for. */
  readonly address: string;
}

export interface ResolveOptions {
  readonly strategy?: Strategy;
  /** Key of a sticky choice. */
  readonly sticky?: string;
}
