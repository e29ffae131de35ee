import { type Machine, wake } from './machine.ts';
import { tell } from './shown-state.ts';

/** Lifeguard's bound: timers are stretched at most ninefold. */
const healthMax = 8;

/** [M15] A stall explains an accusation that is heard so soon after it. */
const stallExplainsMs = 3_000;

/** [M15] Who did not run for some time is degraded for twice as long, and at least so long. */
const degradedMsMin = 2_000;
const degradedMsMax = 20_000;

/** So many stalls within so long, and the node calls itself degraded although nobody has noticed. */
export const stallsMax = 3;
const stallsWithinMs = 30_000;

/** [M14] Worse by so much, up to 8: what this node sees may be its own fault. */
export function worsen(m: Machine, by = 1): void {
  m.health = Math.min(healthMax, m.health + by);
}

/** By half: who was cut off for some seconds is itself again within two or three probes. */
export function recover(m: Machine): void {
  m.health >>= 1;
}

/** [M14] A time of this node's own, stretched by how badly it seems to fare. */
export function stretched(m: Machine, ms: number): number {
  return ms * (1 + m.health);
}

/** This node did not run for so long. */
export function noteStall(m: Machine, ms: number): void {
  worsen(m);
  if (ms < m.timing.stallMs) return;
  m.stall = { endedAt: m.time, ms };
  m.stalls = [...m.stalls.filter((at) => m.now - at < stallsWithinMs), m.now].slice(-stallsMax);
}

/** [M15] What it says of itself when it is doubted: degraded where the doubt has its reason here, else alive. */
export function ownState(m: Machine): void {
  const { stall } = m;
  if (stall === undefined || m.time - stall.endedAt > stallExplainsMs) return;
  degradeSelf(m, stall.ms);
}

/** It says from now on that it is degraded; to be announced by the caller. */
export function degradeSelf(m: Machine, stallMs: number): void {
  const ms = Math.min(degradedMsMax, Math.max(degradedMsMin, 2 * stallMs));
  m.degradedUntil = Math.max(m.degradedUntil, m.time + ms);
  wake(m, m.degradedUntil);
  if (m.self.state === 'degraded') return;
  m.self.state = 'degraded';
  m.self.cause = 'stalled';
  m.self.since = m.now;
  tell(m, m.self, false);
}
