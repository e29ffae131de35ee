import { createBytePool } from './byte-pool.ts';
import type { Simulation } from './simulation.ts';
import type { Path, Topology } from './topology.ts';

/**
 * Carries datagrams along a path as its segment's conditions have it: late, twice, out of order, or not at all. What arrives
 * is a copy of its own each time, the receiver's to keep.
 */
export interface DatagramCarrier {
  carry(path: Path, bytes: Uint8Array, onArrival: (path: Path, bytes: Uint8Array) => void): void;
}

export function createDatagramCarrier(simulation: Simulation, topology: Topology): DatagramCarrier {
  /** When the last one that keeps its order arrives, by number of sender and receiver. */
  const lastArrivals: number[][] = [];
  const pool = createBytePool();

  function note(path: Path, kind: 'datagram' | 'datagram-lost', bytes: Uint8Array): void {
    simulation.trace.note(kind, simulation.nowMs, path.from.host.party, path.to.host.party, bytes.length, path.to.name);
  }

  function arrivalTime(path: Path, mayBeOvertaken: boolean): number {
    const arrival = simulation.nowMs + topology.drawLatencyMs(path);
    if (mayBeOvertaken) return arrival;
    lastArrivals[path.from.host.number] ??= [];
    const row = lastArrivals[path.from.host.number] as number[];
    const inOrder = Math.max(arrival, row[path.to.host.number] ?? 0);
    row[path.to.host.number] = inOrder;
    return inOrder;
  }

  function carryOne(path: Path, bytes: Uint8Array, onArrival: (path: Path, bytes: Uint8Array) => void): void {
    const { segment, random } = path.from;
    const reorder = segment?.conditions.reorder ?? 0;
    const isLate = reorder > 0 && random.next() < reorder;
    const extraMs = isLate ? random.next() * (segment?.conditions.reorderDelayMs ?? 0) : 0;
    const copy = pool.copy(bytes);
    simulation.at(arrivalTime(path, isLate) + extraMs, undefined, () => {
      if (!topology.isOpen(path)) {
        note(path, 'datagram-lost', copy);
        return;
      }
      note(path, 'datagram', copy);
      simulation.trace.content(copy);
      onArrival(path, copy);
    });
  }

  return {
    carry(path, bytes, onArrival) {
      const isLocal = path.from.host === path.to.host;
      const conditions = isLocal ? undefined : path.from.segment?.conditions;
      const isLost = conditions !== undefined && conditions.loss > 0 && path.from.random.next() < conditions.loss;
      if (isLost || !topology.isOpen(path)) {
        note(path, 'datagram-lost', bytes);
        return;
      }
      carryOne(path, bytes, onArrival);
      if (conditions === undefined || conditions.duplicate === 0) return;
      if (path.from.random.next() < conditions.duplicate) carryOne(path, bytes, onArrival);
    },
  };
}
