import type { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

/**
 * [R7] A load that has not changed is told again after so long, and one that has is told at once: so what was told is as
 * good as new until then, and only from then on it ages.
 */
export const loadRepeatMs = 10_000;

const steps = 250;
const unknownLoad = 255;

/** 0 (idle) to 1 (full) as it will be on the wire, in steps of 1/250. What is outside is brought to the nearer end. */
export function quantiseLoad(load: number | undefined): number {
  if (load === undefined || Number.isNaN(load)) return unknownLoad;
  return Math.round(Math.min(1, Math.max(0, load)) * steps);
}

export function writeLoad(writer: Writer, load: number | undefined): void {
  writer.u8(quantiseLoad(load));
}

export function readLoad(reader: Reader): number | undefined {
  const value = reader.u8();
  if (value <= steps) return value / steps;
  if (value !== unknownLoad) reader.fail('range');
  return undefined;
}
