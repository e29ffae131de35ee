/** Bytes that are neither empty nor all the same. */
export function bodyOf(bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, i) => 97 + (i % 26));
}

/** The same length for those who send text. */
export const textOf = (bytes: number): string => new TextDecoder().decode(bodyOf(bytes));
