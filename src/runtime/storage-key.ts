/** Longest key: with the suffix of a temporary file it stays below the 255 bytes of a file name. */
export const storageKeyBytesMax = 128;

const keyPattern = /^[a-z0-9][a-z0-9.-]*$/;

/** Throws `TypeError` unless `key` is 1 to 128 of `[a-z0-9.-]`, the first neither dot nor dash: it is a file's name on every system. */
export function assertStorageKey(key: string): void {
  if (key.length > storageKeyBytesMax || !keyPattern.test(key)) {
    throw new TypeError(`bad storage key ${JSON.stringify(key)}: want 1 to ${storageKeyBytesMax} of [a-z0-9.-]`);
  }
}
