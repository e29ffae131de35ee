/** Length of one accounting window: long enough for all nodes of a site to start at once within its bounds. */
const windowMs = 1_000;

/** Datagrams decoded per window: a few percent of one core. */
const perWindow = 2_000;

/** From here on a window only admits sources that have had few in it: a single flood cannot take it all. */
const openPerWindow = 1_000;

/** From here on it only admits those that in addition have proved themselves: a flood from invented sources cannot either. */
const scarcePerWindow = 1_500;

/** What a source may always have while the window is scarce: several nodes behind one address, each heard in several ways. */
const fewPerSource = 40;

/** Sources remembered as proven; the one that was silent longest is forgotten first. */
const provenMax = 1_024;

/** Bounds the work strangers can cause, without letting one of them silence the others. */
export interface FloodGuard {
  /** Whether a datagram from `source` is worth decoding. */
  admit(source: string, nowMs: number): boolean;
  /** `source` has sent something valid. */
  prove(source: string): void;
}

export function createFloodGuard(): FloodGuard {
  const proven = new Set<string>();
  const bySource = new Map<string, number>();
  let window = Number.NaN;
  let admitted = 0;
  let latest = '';

  return {
    admit(source, nowMs) {
      const current = Math.floor(nowMs / windowMs);
      if (current !== window) {
        window = current;
        admitted = 0;
        bySource.clear();
      }
      const had = bySource.get(source) ?? 0;
      if (admitted >= perWindow) return false;
      if (admitted >= openPerWindow && had >= fewPerSource) return false;
      if (admitted >= scarcePerWindow && !proven.has(source)) return false;
      bySource.set(source, had + 1);
      admitted += 1;
      return true;
    },
    prove(source) {
      // Who was the last to prove itself need not move to the end again.
      if (source === latest) return;
      latest = source;
      proven.delete(source);
      proven.add(source);
      if (proven.size <= provenMax) return;
      const [oldest] = proven;
      if (oldest !== undefined) proven.delete(oldest);
    },
  };
}
