/** Texts by name. */
export type TextRecord = Readonly<Record<string, string>>;

/**
 * An empty record for names that came from elsewhere. It has no prototype, so `__proto__` and `constructor` are names like
 * any other, and what is not there is `undefined`.
 */
export function newTextRecord(): Record<string, string> {
  return Object.create(null) as Record<string, string>;
}

/** The empty one, for all who have nothing to say. */
export const noTexts: TextRecord = Object.freeze(newTextRecord());
