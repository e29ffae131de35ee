import { type CheckState, checkStates } from '../../api/check-state.ts';
import type { CheckResult } from './check-result.ts';
import type { CheckTerms } from './check-spec.ts';

/** One lost time-out may be a busy host. */
const fallUncertain = 2;

/** `starting`: it has not passed yet, and still may. */
export type VerdictState = CheckState | 'starting';

/** Makes states of results: so many in a row for the better, so many for the worse. Knows no time. */
export class CheckVerdict {
  readonly #terms: Pick<CheckTerms, 'rise' | 'fall'>;
  #state: VerdictState = 'starting';
  /** Results in a row that were worse (negative) or better (positive) than the state. */
  #streak = 0;

  constructor(terms: Pick<CheckTerms, 'rise' | 'fall'>) {
    this.#terms = terms;
  }

  get state(): VerdictState {
    return this.#state;
  }

  /** Returns whether the state is another now. */
  take({ state, isCertain }: CheckResult): boolean {
    const direction = Math.sign(badness(this.#state) - badness(state));
    if (direction === 0) {
      this.#streak = 0;
      return false;
    }
    this.#streak = Math.sign(this.#streak) === direction ? this.#streak + direction : direction;
    const { rise, fall = isCertain ? 1 : fallUncertain } = this.#terms;
    if (direction > 0 ? this.#streak < rise : -this.#streak < fall) return false;
    return this.#become(state);
  }

  /** What has not passed in time does not start any more. */
  endStart(): boolean {
    return this.#state === 'starting' && this.#become('critical');
  }

  #become(state: CheckState): boolean {
    this.#state = state;
    this.#streak = 0;
    return true;
  }
}

function badness(state: VerdictState): number {
  return state === 'starting' ? checkStates.length - 1 : checkStates.indexOf(state);
}

/** The worse of the two; one that is still starting counts as critical. */
export function worseVerdict(a: VerdictState, b: VerdictState): VerdictState {
  return badness(a) >= badness(b) ? a : b;
}
