/** What is worth a line in the trace. */
export const traceKinds = [
  'timer',
  'scenario',
  'datagram',
  'datagram-lost',
  'stream-data',
  'stream-open',
  'stream-end',
  'stream-reset',
  'stream-stalled',
  'disk',
  'process',
  'host',
  'link',
] as const;

export type TraceKind = (typeof traceKinds)[number];

/** A record of all that happened, as a running digest and, when somebody listens, as lines of text. */
export interface Trace {
  /** True when lines are wanted: only then is it worth making a `detail`. */
  readonly verbose: boolean;
  /** Gives a host or process its number. Number 0 is nobody. */
  party(name: string): number;
  /** `size` is a count of bytes, or anything that tells two such happenings apart. */
  note(kind: TraceKind, atMs: number, from: number, to: number, size: number, detail?: string): void;
  /** Adds the beginning of `bytes` to the digest: that two runs part is seen soon enough without the rest. */
  content(bytes: Uint8Array): void;
  /** 16 hexadecimal digits. Equal for equal histories; a difference of one bit anywhere changes it. */
  digest(): string;
}

/** More than a header, less than what would show in the run time. */
const contentBytesMax = 64;

const kindNumbers: ReadonlyMap<TraceKind, number> = new Map(traceKinds.map((kind, index) => [kind, index + 1]));

/** `onLine` gets one line for each happening: virtual milliseconds, kind, from, to, size, detail. */
export function createTrace(onLine: ((line: string) => void) | undefined): Trace {
  const names = ['-'];
  // FNV-1a (Fowler, Noll, Vo) over 32-bit words, twice with different starts and primes: 64 bits without bigints.
  let low = 0x811c9dc5;
  let high = 0x2f0b4c47;

  function mix(word: number): void {
    low = Math.imul(low ^ word, 0x01000193);
    high = Math.imul(high ^ word ^ (low >>> 15), 0x85ebca6b);
  }

  return {
    verbose: onLine !== undefined,
    party(name) {
      names.push(name);
      return names.length - 1;
    },
    note(kind, atMs, from, to, size, detail = '') {
      mix(kindNumbers.get(kind) ?? 0);
      mix(Math.round(atMs * 4_096) | 0);
      mix(from);
      mix(to);
      mix(size);
      if (onLine === undefined) return;
      onLine(`${atMs.toFixed(3).padStart(12)} ${kind} ${names[from]} ${names[to]} ${size} ${detail}`.trimEnd());
    },
    content(bytes) {
      const length = Math.min(bytes.length, contentBytesMax);
      for (let index = 0; index < length; index++) mix(bytes[index] ?? 0);
    },
    digest() {
      return (low >>> 0).toString(16).padStart(8, '0') + (high >>> 0).toString(16).padStart(8, '0');
    },
  };
}
