/**
 * Damping of a member that comes and goes (as BGP damps routes: RFC 2439). Each going costs a penalty that fades; above one
 * bound the member is shown as degraded, whatever it does, until the penalty is below the other.
 */
export interface Flapping {
  readonly penalty: number;
  readonly at: number;
  readonly damped: boolean;
}

export const steady: Flapping = { penalty: 0, at: 0, damped: false };

/** Three goings within a quarter of a minute. */
const dampAbove = 2;
const steadyBelow = 1;
const halfLifeMs = 15_000;

/** So that nobody is damped for longer than half a minute after it has become steady. */
const penaltyMax = 3;

/** A damped member that has been dead for so long is shown as dead: it does not come and go, it has gone. */
export const dampedDeathMs = 15_000;

export function penaltyAt({ penalty, at }: Flapping, now: number): number {
  return penalty * 2 ** (-(now - at) / halfLifeMs);
}

export function afterGoing(flapping: Flapping, now: number): Flapping {
  const penalty = Math.min(penaltyMax, penaltyAt(flapping, now) + 1);
  return { penalty, at: now, damped: flapping.damped || penalty > dampAbove };
}

/** Looks whether it has been steady for long enough. */
export function afterWhile(flapping: Flapping, now: number): Flapping {
  if (!flapping.damped || penaltyAt(flapping, now) >= steadyBelow) return flapping;
  return { ...flapping, damped: false };
}
