/** What an error code stands for on the wire (section 8) and what it means for whoever got it. */
interface ErrorCodeFacts {
  readonly number: number;
  /** It was not done, and the same again may well succeed. */
  readonly retryable: boolean;
}

/** The closed set of codes. Their meaning and cure stand in docs/errors.md. */
const facts = {
  'no-instance': { number: 1, retryable: true },
  unreachable: { number: 2, retryable: true },
  busy: { number: 3, retryable: true },
  failed: { number: 4, retryable: false },
  'unknown-command': { number: 5, retryable: false },
  'too-large': { number: 6, retryable: false },
  'not-allowed': { number: 7, retryable: false },
  duplicate: { number: 8, retryable: false },
  draining: { number: 9, retryable: true },
  invalid: { number: 10, retryable: false },
  cancelled: { number: 11, retryable: false },
  'link-lost': { number: 12, retryable: false },
  deadline: { number: 13, retryable: false },
  protocol: { number: 14, retryable: false },
  incompatible: { number: 15, retryable: false },
  closed: { number: 16, retryable: false },
  'no-agent': { number: 17, retryable: true },
  'address-in-use': { number: 18, retryable: false },
  storage: { number: 19, retryable: false },
  config: { number: 20, retryable: false },
  'not-found': { number: 21, retryable: false },
} as const satisfies Record<string, ErrorCodeFacts>;

export type ErrorCode = keyof typeof facts;

/** Every code, in the order of the numbers. */
export const errorCodes = Object.keys(facts) as readonly ErrorCode[];

const byNumber: readonly (ErrorCode | undefined)[] = [undefined, ...errorCodes];

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(facts, text);
}

/** 1 to 21. */
export function errorCodeNumber(code: ErrorCode): number {
  return facts[code].number;
}

/** `undefined` for 0 (no error) and for numbers that are not known. */
export function errorCodeOf(number: number): ErrorCode | undefined {
  return byNumber[number];
}

/** It was certainly not done, and the same again may well succeed. */
export function isRetryable(code: ErrorCode): boolean {
  return facts[code].retryable;
}
