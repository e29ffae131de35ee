import type { WorkingState } from '../delivery/flap-damping.ts';

/** What a check or a heartbeat says, best first. */
export const checkStates = ['passing', 'warning', 'critical'] as const;

export type CheckState = (typeof checkStates)[number];

/** What an instance is by such a word. */
export function workingStateOf(state: CheckState): WorkingState {
  if (state === 'passing') return 'up';
  return state === 'warning' ? 'warning' : 'down';
}
