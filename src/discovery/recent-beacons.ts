import type { Beacon } from '../protocol/beacon.ts';

/** Beacons decoded a moment ago: of each beacon a copy comes by every method and on every interface. */
export interface RecentBeacons {
  /** What these very bytes were decoded to. */
  find(payload: Uint8Array): Beacon | undefined;
  add(payload: Uint8Array, beacon: Beacon): void;
}

/** More than arrive between the first and the last copy on a quiet LAN. */
const keptMax = 4;

export function createRecentBeacons(): RecentBeacons {
  const kept: { payload: Uint8Array; beacon: Beacon }[] = [];
  let next = 0;

  return {
    find(payload) {
      for (const one of kept) if (isSame(one.payload, payload)) return one.beacon;
      return undefined;
    },
    add(payload, beacon) {
      kept[next] = { payload: payload.slice(), beacon };
      next = (next + 1) % keptMax;
    },
  };
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let at = a.length - 1; at >= 0; at--) if (a[at] !== b[at]) return false;
  return true;
}
