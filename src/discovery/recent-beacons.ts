import type { Beacon } from '../protocol/beacon.ts';
import { fnv1a32 } from '../protocol/fnv.ts';

/** Beacons decoded a moment ago: of each beacon a copy comes by every method and on every interface. */
export interface RecentBeacons {
  /** What these very bytes were decoded to. */
  find(payload: Uint8Array): Beacon | undefined;
  add(payload: Uint8Array, beacon: Beacon): void;
}

/** Those of a whole site that starts at once, whose copies come all mixed. One that has another's place is decoded twice. */
const keptMax = 64;
const placeBits = Math.log2(keptMax);

/** What tells beacons apart stands before this: node, incarnation and sequence. */
const tellingBytes = 32;

export function createRecentBeacons(): RecentBeacons {
  const kept: ({ readonly payload: Uint8Array; readonly beacon: Beacon } | undefined)[] = [];

  return {
    find(payload) {
      const one = kept[placeOf(payload)];
      return one !== undefined && isSame(one.payload, payload) ? one.beacon : undefined;
    },
    add(payload, beacon) {
      kept[placeOf(payload)] = { payload: payload.slice(), beacon };
    },
  };
}

function placeOf(payload: Uint8Array): number {
  // The high bits: the low ones of this sum depend on the low ones of each byte alone.
  return fnv1a32(payload.subarray(0, tellingBytes)) >>> (32 - placeBits);
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}
