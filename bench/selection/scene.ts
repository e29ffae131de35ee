/** What all systems are put before: four instances, each a process with workers in front of one queue. */
export interface InstanceSpec {
  readonly name: string;
  readonly workers: number;
  /** Mean of an exponential distribution. */
  readonly meanMs: number;
  /** Answers everything with an error, at once. */
  readonly fails: boolean;
  /** Its process is stopped (SIGSTOP) now and then. */
  readonly freezes: boolean;
}

const usual = { workers: 4, meanMs: 20, fails: false, freezes: false };

export const instances: readonly InstanceSpec[] = [
  { ...usual, name: 'well' },
  { ...usual, name: 'freezes', freezes: true },
  { ...usual, name: 'slow', meanMs: 200 },
  { ...usual, name: 'fails', fails: true },
];

export const freezeEveryMs = 10_000;
export const freezeForMs = 2_000;
export const loadShare = 0.6;

/** Calls a second that the instances together could do for ever, if each got just what it can. */
export function capacityPerSecond(): number {
  const all = instances.map(({ workers, meanMs, fails, freezes }) => {
    if (fails) return 0;
    return ((workers * 1_000) / meanMs) * (freezes ? 1 - freezeForMs / freezeEveryMs : 1);
  });
  return all.reduce((sum, each) => sum + each, 0);
}

/** In the order in which they run. */
export const systems = [
  { name: 'oracle', note: 'knows the truth: every queue, every speed, who stands still' },
  { name: 'fogata', note: 'best, as it comes' },
  { name: 'fogata hedged', note: 'best, hedge: true' },
  { name: 'fogata round-robin', note: 'by name' },
  { name: 'fogata random', note: 'by name' },
  { name: 'moleculer RoundRobin', note: 'its default' },
  { name: 'moleculer CpuUsage', note: '' },
  { name: 'moleculer Latency', note: '' },
  { name: 'cote', note: 'its requester' },
] as const;

export type SystemName = (typeof systems)[number]['name'];

export interface CallerSettings {
  readonly system: SystemName;
  readonly forMs: number;
  readonly seed: number;
}

export interface CallerResult {
  readonly calls: number;
  readonly errors: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Attempts that came to each instance. */
  readonly attempts: Readonly<Record<string, number>>;
}
