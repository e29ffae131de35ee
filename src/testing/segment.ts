import { assertConditions, type Conditions, lanConditions } from './conditions.ts';
import type { SegmentState } from './topology.ts';

/** A LAN, or anything that carries packets between all the hosts attached to it. */
export interface Segment {
  readonly name: string;
  readonly conditions: Conditions;
  /** What is sent there reaches every host of the segment. */
  readonly broadcastAddress: string;
  /** What is not named stays as it is. Packets under way are not affected. */
  setConditions(changes: Partial<Conditions>): void;
}

export interface SegmentOptions {
  /** Default: a quiet switched LAN (`lanConditions`). */
  readonly conditions?: Partial<Conditions>;
  /** Whether multicast and broadcast pass. Default true; false is how many clouds and VPNs are. */
  readonly multicast?: boolean;
}

export function showSegment(state: SegmentState): Segment {
  return {
    name: state.name,
    get conditions() {
      return state.conditions;
    },
    broadcastAddress: state.broadcastAddress,
    setConditions(changes) {
      state.conditions = conditionsOf(changes, state.conditions);
    },
  };
}

/** Throws `RangeError` for what no network can be. */
export function conditionsOf(changes: Partial<Conditions> | undefined, rest: Conditions = lanConditions): Conditions {
  const conditions = { ...rest, ...changes };
  assertConditions(conditions);
  return conditions;
}
