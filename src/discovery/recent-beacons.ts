import type { Beacon } from '../protocol/beacon.ts';

/** Beacons decoded a moment ago: of each beacon a copy comes by every method and on every interface. */
export interface RecentBeacons {
  /** What these very bytes were decoded to. */
  find(payload: Uint8Array): Beacon | undefined;
  add(payload: Uint8Array, beacon: Beacon): void;
}

/** Those of a whole site that starts at once, whose copies come all mixed. One that has another's place is decoded twice. */
const keptMax = 64;

/** Where the last bytes of node and of sequence stand, by which beacons under way at a time tell themselves apart. */
const nodeLowAt = 10;
const sequenceLowAt = 22;

export function createRecentBeacons(): RecentBeacons {
  const kept: ({ readonly payload: Uint8Array; readonly beacon: Beacon } | undefined)[] = [];

  return {
    find(payload) {
      const one = kept[placeOf(payload)];
      return one !== undefined && Buffer.compare(one.payload, payload) === 0 ? one.beacon : undefined;
    },
    add(payload, beacon) {
      kept[placeOf(payload)] = { payload: payload.slice(), beacon };
    },
  };
}

function placeOf(payload: Uint8Array): number {
  return ((payload[nodeLowAt] ?? 0) ^ (payload[sequenceLowAt] ?? 0)) % keptMax;
}
