import type { Machine, Probe } from './machine.ts';

/** What it asked is answered, or asked of somebody who is no more: an ack that still comes is nobody's. */
export function endProbe(m: Machine, probe: Probe | undefined): void {
  if (probe === undefined) return;
  m.probes.delete(probe.sequence);
  m.probeOf.delete(probe.row.id);
}
