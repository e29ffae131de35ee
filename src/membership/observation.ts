import type { NodeId } from '../protocol/ids.ts';

/** What can be noticed of a member. In each case the observation says who noticed it, and when it was known here. */
export const observedFacts = [
  'answered', // it answered after it had been doubted
  'refuted', // it contradicted what was said of it
  'link-lost', // a link to it broke
  'no-answer', // neither it nor any helper answered a probe
  'refused', // its host answers and its port is closed: the process is gone
  'handshake-only', // its host completes handshakes, the process says nothing
  'stalled', // it says itself that it did not run for a while
  'called-degraded',
  'called-suspect',
  'called-dead',
  'said-goodbye',
  'came-and-went', // it did so again and again: shown as degraded until it has been steady for a while
] as const;

export type ObservedFact = (typeof observedFacts)[number];

/** One thing that was noticed of a member. */
export interface Observation {
  readonly fact: ObservedFact;
  /** Who noticed it. */
  readonly by: NodeId;
  /** Monotonic milliseconds of this node's clock. */
  readonly at: number;
}

/** Observations of one member that are kept, the newest. */
export const observationsMax = 12;

/** The list with one more. What the same node notices again at once only moves its time. */
export function withObservation(list: readonly Observation[], added: Observation): readonly Observation[] {
  const others = list.filter((it) => it.fact !== added.fact || it.by !== added.by);
  return [...others.slice(-(observationsMax - 1)), added];
}
