/** The files in which Linux tells how it is. A port, so that tests have fixtures of every kernel. */
export interface HostFiles {
  /** `undefined` for what is not there or cannot be read. */
  read(path: string): string | undefined;
}

/** `key value` on each line, or `key: value kB`. */
export function numberAt(text: string | undefined, key: string): number | undefined {
  const found = new RegExp(`^${key}:?\\s+(\\d+)`, 'm').exec(text ?? '')?.[1];
  return found === undefined ? undefined : Number(found);
}

/** A file that is one number; undefined for `max` and all else. */
export function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*\d+\s*$/.test(text) ? Number(text) : undefined;
}

/** Milliseconds of a line of pressure stall information (PSI): `full avg10=0.00 … total=12345`, in microseconds. */
export function stallMs(text: string | undefined, line: 'some' | 'full'): number | undefined {
  const total = new RegExp(`^${line} .*total=(\\d+)`, 'm').exec(text ?? '')?.[1];
  return total === undefined ? undefined : Number(total) / 1_000;
}
