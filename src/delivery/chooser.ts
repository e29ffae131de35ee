import type { Address } from '../protocol/address.ts';
import type { NodeId } from '../protocol/ids.ts';
import type { ServiceKinds } from '../protocol/service-entry.ts';
import type { Decision } from '../selection/decision.ts';
import type { InstanceTrack } from '../selection/instance-track.ts';
import type { RetryBudget } from '../selection/retry-budget.ts';
import type { Strategy } from '../selection/strategy.ts';

/** An instance that was chosen. The same object each time it is, as long as nothing changes about who it is. */
export interface Chosen {
  readonly node: NodeId;
  readonly name: string;
  /** `begin` and `end` of each attempt are told to it. */
  readonly track: InstanceTrack;
  /** The service's: each call is noted, each further attempt that costs something is paid for. */
  readonly budget: RetryBudget;
}

/** What an instance must be able to take. */
export type WorkKind = keyof ServiceKinds;

/** What a caller wants of the choice, where that is anything. One object for one exchange. */
export interface ChoiceWish {
  /** Undefined: as this node is set for the service, else `best`. */
  readonly strategy: Strategy | undefined;
  /** For `sticky`: what has the same key goes to the same instance. */
  readonly key: string;
  /** Not these either, beside those tried in vain: they have a copy of it. */
  readonly besides: ReadonlySet<NodeId> | undefined;
  /** Takes down on whom each choice fell; undefined: nobody needs to know. */
  readonly taken: Set<NodeId> | undefined;
  /** Takes down how each choice came about; undefined: nobody asks. */
  readonly decisions: Decision[] | undefined;
}

/** Knows the instances of each service and picks one. */
export interface Chooser {
  /**
   * The best instance not in `avoid`; undefined when there is none. `wish` undefined: nothing special, the fast way. `now`: for
   * who has just asked the clock.
   */
  choose(
    to: Address,
    kind: WorkKind,
    avoid: ReadonlySet<NodeId>,
    wish: ChoiceWish | undefined,
    now?: number,
  ): Chosen | undefined;
  /** Whether there is one beside `node` and those in `avoid` that is fit for work now. */
  isAnother(to: Address, kind: WorkKind, node: NodeId, avoid: ReadonlySet<NodeId>): boolean;
  /** Every instance that may take work, in no order. */
  every(to: Address, kind: WorkKind): readonly Chosen[];
  /** For people: why there is none to choose. */
  whyNone(to: Address, kind: WorkKind): string;
  nameOf(node: NodeId): string;
  /** A reply told the instance's load. */
  noteLoad(node: NodeId, service: string, load: number): void;
  /** Time within which `share` of the service's answers have come here; undefined as long as too few have. */
  latencyMs(service: string, share: number): number | undefined;
}
