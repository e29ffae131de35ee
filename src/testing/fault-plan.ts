import type { Conditions } from './conditions.ts';
import type { DiskFailure } from './virtual-disk.ts';
import type { VirtualRandom } from './virtual-random.ts';

export const faultKinds = [
  'crash',
  'stop',
  'freeze',
  'power',
  'partition',
  'one-way',
  'isolate',
  'network',
  'unplug',
  'clock',
  'disk',
] as const;

export type FaultKind = (typeof faultKinds)[number];

/** Something that goes wrong at a time, and ends by itself after `ms` (Infinity: not before all is healed, if then). */
export interface Fault {
  readonly kind: FaultKind;
  readonly atMs: number;
  readonly ms: number;
  /** Indexes of the nodes it strikes; of a partition those on one side. */
  readonly nodes: readonly number[];
  /** Crash: the disk is empty afterwards. */
  readonly wipes: boolean;
  readonly conditions: Partial<Conditions>;
  readonly clockMs: number;
  readonly disk: DiskFailure;
}

export interface FaultPlanOptions {
  readonly nodes: number;
  readonly durationMs: number;
  /** Mean pause between two faults. */
  readonly pauseMs: number;
  /** Default: all. */
  readonly kinds?: readonly FaultKind[];
}

/** One in so many crashes is for good. */
const forGoodOneIn = 12;

/** A random schedule: how often something happens does not depend on how many nodes there are. */
export function planFaults(random: VirtualRandom, options: FaultPlanOptions): readonly Fault[] {
  const kinds = options.kinds ?? faultKinds;
  const faults: Fault[] = [];
  for (let atMs = 0; ; ) {
    atMs += -Math.log(1 - random.next()) * options.pauseMs;
    if (atMs >= options.durationMs) return faults;
    const kind = kinds[Math.floor(random.next() * kinds.length)];
    if (kind !== undefined) faults.push(drawFault(random, kind, atMs, options.nodes));
  }
}

function drawFault(random: VirtualRandom, kind: FaultKind, atMs: number, nodes: number): Fault {
  const forGood = kind === 'crash' && random.next() * forGoodOneIn < 1;
  const size = kind === 'partition' || kind === 'one-way' ? 1 + Math.floor((random.next() * nodes) / 2) : 1;
  return {
    kind,
    atMs,
    // From a blink to half a minute, the short ones more often.
    ms: forGood ? Number.POSITIVE_INFINITY : 100 * 300 ** random.next(),
    nodes: drawNodes(random, nodes, size),
    wipes: random.next() < 0.3,
    conditions: drawConditions(random),
    clockMs: Math.round((random.next() - 0.5) * 7_200_000),
    disk: random.next() < 0.5 ? 'ENOSPC' : 'EIO',
  };
}

function drawNodes(random: VirtualRandom, nodes: number, size: number): number[] {
  const left = Array.from({ length: nodes }, (_, index) => index);
  const drawn: number[] = [];
  while (drawn.length < size && left.length > 0) {
    drawn.push(...left.splice(Math.floor(random.next() * left.length), 1));
  }
  return drawn.sort((a, b) => a - b);
}

function drawConditions(random: VirtualRandom): Partial<Conditions> {
  return {
    latencyMs: 0.2 * 100 ** random.next(),
    jitterMs: 0.05 * 400 ** random.next(),
    loss: 0.3 * random.next() ** 2,
    duplicate: 0.1 * random.next() ** 2,
    reorder: 0.3 * random.next() ** 2,
    reorderDelayMs: 50 * random.next(),
  };
}

/** A fault as a line of text. */
export function describeFault({ kind, atMs, ms, nodes, wipes, conditions, clockMs, disk }: Fault): string {
  const who = nodes.map((index) => `n${index + 1}`).join(' ');
  const what = {
    crash: `crash ${who}${wipes ? ', disk wiped' : ''}`,
    stop: `stop ${who}`,
    freeze: `freeze ${who}`,
    power: `power off ${who}`,
    partition: `cut off ${who}`,
    'one-way': `cut off one way ${who}`,
    isolate: `isolate ${who}`,
    network: `network ${JSON.stringify(conditions)}`,
    unplug: `unplug ${who}`,
    clock: `clock of ${who} off by ${clockMs} ms`,
    disk: `disk of ${who} fails with ${disk}`,
  }[kind];
  return `${atMs.toFixed(1)} ${what} for ${ms === Number.POSITIVE_INFINITY ? 'good' : `${ms.toFixed(1)} ms`}`;
}
