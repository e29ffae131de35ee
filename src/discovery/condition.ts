import type { Clock } from '../runtime/clock.ts';
import { errorText } from './error-text.ts';
import { growingPause } from './growing-pause.ts';

/** `starting`: not yet tried to the end. */
export type ConditionState = 'starting' | 'working' | 'failing';

/** Whether something that is retried for ever works, since when, and when to try again. */
export interface Condition {
  readonly state: ConditionState;
  /** Monotonic milliseconds of the last change of state. */
  readonly since: number;
  /** What the last failure was, also after it was overcome. */
  readonly lastError: string | undefined;
  fail(error: unknown): void;
  succeed(): void;
  /** After a failure: whether its pause is over. */
  isRetryDue(): boolean;
}

export function createCondition(clock: Clock): Condition {
  let state: ConditionState = 'starting';
  let since = clock.now();
  let lastError: string | undefined;
  let failures = 0;
  let retryAt = Number.NEGATIVE_INFINITY;

  function become(next: ConditionState): void {
    if (state !== next) since = clock.now();
    state = next;
  }

  return {
    get state() {
      return state;
    },
    get since() {
      return since;
    },
    get lastError() {
      return lastError;
    },
    fail(error) {
      become('failing');
      lastError = errorText(error);
      failures += 1;
      retryAt = clock.now() + growingPause(failures);
    },
    succeed() {
      become('working');
      failures = 0;
    },
    isRetryDue: () => clock.now() >= retryAt,
  };
}
