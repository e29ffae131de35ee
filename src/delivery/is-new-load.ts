import type { InstanceTrack } from '../selection/instance-track.ts';

/** The same load again is worth noting now and then. */
const sameLoadMs = 10;

/** Whether a load that an instance told is worth noting. */
export function isNewLoad({ load, loadAt }: InstanceTrack, told: number, now: number): boolean {
  return told !== load || now - loadAt >= sameLoadMs;
}
