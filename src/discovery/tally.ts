/** Counters by name. The names come from code, never from the wire, so there are few. */
export interface Tally {
  count(name: string): void;
  snapshot(): Readonly<Record<string, number>>;
}

export function createTally(): Tally {
  const counts = new Map<string, number>();
  return {
    count(name) {
      counts.set(name, (counts.get(name) ?? 0) + 1);
    },
    snapshot() {
      return Object.fromEntries(counts);
    },
  };
}
