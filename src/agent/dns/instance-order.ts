import type { InstancePlace } from '../../node/name-table.ts';
import type { SocketAddress } from '../../protocol/socket-address.ts';

/** An instance that may be answered with, and where whoever asks is to connect. */
export interface Door {
  readonly place: InstancePlace;
  /** All with one port. Never empty. */
  readonly addresses: readonly SocketAddress[];
  /** As in a SRV record (RFC 2782): the lowest first, from 0. */
  readonly priority: number;
  /** Its share among those of its priority; 0 next to none. */
  readonly weight: number;
}

/** Whether it is given out: not one that is down, drains, is on a suspect node, hangs, or fails those who call it from here. */
export function isServable(place: InstancePlace): boolean {
  return stepOf(place) !== undefined;
}

/**
 * Those of `places` that can be reached, in their order. Who says no endpoint, or one of another host's loopback, is reached
 * through this host's agent at `agentHttp`, where it takes HTTP.
 */
export function doorsOf(places: readonly InstancePlace[], agentHttp: readonly SocketAddress[]): Door[] {
  const reached: { place: InstancePlace; addresses: readonly SocketAddress[]; step: number }[] = [];
  const isTaken = [false, false, false, false];
  for (const place of places) {
    const addresses = place.direct.length > 0 ? place.direct : place.http ? agentHttp : [];
    const step = stepOf(place);
    if (addresses.length === 0 || step === undefined) continue;
    isTaken[step] = true;
    reached.push({ place, addresses, step });
  }
  // Priorities count only the steps that are there.
  const priorities = isTaken.map((_, step) => isTaken.slice(0, step).filter(Boolean).length);
  return reached.map(({ place, addresses, step }) => {
    const { weight, load } = place.view;
    return { place, addresses, priority: priorities[step] as number, weight: shareOf(weight, load) };
  });
}

/**
 * The one to give out where only one can be: drawn from the first priority by weight, so that not every caller runs to the
 * same one while all have the same old load figures.
 */
export function drawDoor(doors: readonly Door[], random: () => number): Door | undefined {
  const first = Math.min(...doors.map(({ priority }) => priority));
  const best = doors.filter(({ priority }) => priority === first);
  const total = best.reduce((sum, { weight }) => sum + weight, 0);
  let left = random() * total;
  for (const door of best) {
    left -= door.weight;
    if (left < 0) return door;
  }
  return best[0];
}

/** As calls are given out: this host before others, a slow node after, and weight 0 only when there is nobody else. */
function stepOf({ tier, isHere }: InstancePlace): number | undefined {
  switch (tier) {
    case 'healthy':
      return isHere ? 0 : 1;
    case 'slow':
      return 2;
    case 'unweighted':
      return 3;
    default:
      return undefined;
  }
}

/** An unknown load counts as this; nobody counts as fuller than `loadMax`, so that each gets something. */
const loadAssumed = 0.5;
const loadMax = 0.95;

/** What room it has: a normal weight, idle, makes 1,000. */
function shareOf(weight: number, load: number | null): number {
  if (weight <= 0) return 0;
  return Math.min(65_535, Math.max(1, Math.round(weight * 10 * (1 - Math.min(loadMax, load ?? loadAssumed)))));
}
