import type { Beacon } from '../protocol/beacon.ts';
import { datagramAcceptedBytesMax } from '../protocol/limits.ts';
import { decodePayload } from '../protocol/payload.ts';
import type { SocketAddress } from '../protocol/socket-address.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Envelope } from './envelope.ts';
import { createFloodGuard } from './flood-guard.ts';
import type { Location } from './interface-locator.ts';
import { createRecentBeacons } from './recent-beacons.ts';
import { createSeenBeacons } from './seen-beacons.ts';
import { isLoopbackAddress } from './subnet.ts';
import { createTally } from './tally.ts';

/** How a beacon came: heard on the beacon port, or as an answer on the node port. */
export type BeaconWay = 'multicast' | 'broadcast' | 'answer';

/** A beacon of another node of this cluster. */
export interface HeardBeacon {
  readonly beacon: Beacon;
  readonly from: SocketAddress;
  readonly way: BeaconWay;
  /** `undefined`: from no subnet of this host. */
  readonly location: Location | undefined;
  /** False for a further copy, of which only the way it came is news. */
  readonly fresh: boolean;
  readonly payloadBytes: number;
}

/** Sifts what comes in. Everything that is no news is counted and goes no further. */
export interface BeaconIntake {
  /** A datagram on the beacon port. */
  takeDatagram(bytes: Uint8Array, from: SocketAddress): void;
  /** The payload of a datagram on the node port. */
  takeAnswer(payload: Uint8Array, from: SocketAddress): void;
  /** Copies heard from others of the cluster by one method on one interface. */
  heardBy(method: BeaconWay, family: 'ipv4' | 'ipv6', interfaceName: string): number;
  ignored(): Readonly<Record<string, number>>;
}

export interface BeaconIntakeOptions {
  readonly clock: Clock;
  readonly cluster: string;
  readonly scope: 'loopback' | 'open';
  readonly beaconPort: number;
  readonly envelope: Envelope;
  readonly ownership: (beacon: Beacon) => 'own' | 'own-id-elsewhere' | undefined;
  readonly onOwnIdElsewhere: (beacon: Beacon, from: SocketAddress) => void;
  readonly locate: (address: string) => Location | undefined;
  readonly onHeard: (heard: HeardBeacon) => void;
}

/** Interfaces of which copies are counted apart: they come and go, and their number is not ours to choose. */
const waysCountedMax = 1_024;

export function createBeaconIntake(options: BeaconIntakeOptions): BeaconIntake {
  const { clock, cluster, scope, envelope } = options;
  const guard = createFloodGuard();
  const seen = createSeenBeacons();
  const recent = createRecentBeacons();
  const ignored = createTally();
  const ways = new Map<string, { copies: number }>();
  const keyOf = createWayKeys();

  /** A beacon, or why it is none. */
  function decode(payload: Uint8Array): Beacon | string {
    const decoded = decodePayload(payload);
    if (!decoded.ok) return `beacon-${decoded.reason}`;
    if (decoded.value.kind !== 'beacon') return 'not-a-beacon';
    recent.add(payload, decoded.value.beacon);
    return decoded.value.beacon;
  }

  /** Returns why nothing comes of it, or `undefined` after it was passed on. */
  function take(payload: Uint8Array, from: SocketAddress, way: BeaconWay): string | undefined {
    const beacon = recent.find(payload) ?? decode(payload);
    if (typeof beacon === 'string') return beacon;
    if (beacon.clusterName !== cluster) return 'other-cluster';
    const ownership = options.ownership(beacon);
    if (ownership === 'own-id-elsewhere') options.onOwnIdElsewhere(beacon, from);
    if (ownership !== undefined) return ownership;
    guard.prove(from.address);

    const location = options.locate(from.address);
    const key = keyOf(way, from.address.includes(':') ? 'ipv6' : 'ipv4', location?.interface ?? '');
    countWay(key);

    const freshness = seen.note(beacon.node, beacon.incarnation, beacon.sequence);
    if (freshness === 'late') return 'late';
    const newWay = seen.noteWay(beacon.node, key, location?.internal !== true);
    const fresh = freshness === 'fresh';
    if (!fresh && !newWay) return 'repeated';
    options.onHeard({ beacon, from, way, location, fresh, payloadBytes: payload.length });
    return undefined;
  }

  function countWay(key: string): void {
    const known = ways.get(key);
    if (known !== undefined) known.copies += 1;
    else if (ways.size < waysCountedMax) ways.set(key, { copies: 1 });
  }

  function admit(bytes: Uint8Array, from: SocketAddress): string | undefined {
    if (scope === 'loopback' && !isLoopbackAddress(from.address)) return 'off-scope';
    if (bytes.length > datagramAcceptedBytesMax) return 'datagram-too-long';
    return guard.admit(from.address, clock.now()) ? undefined : 'flood';
  }

  function count(reason: string | undefined): void {
    if (reason !== undefined) ignored.count(reason);
  }

  return {
    takeDatagram(bytes, from) {
      const refusal = admit(bytes, from);
      if (refusal !== undefined) {
        ignored.count(refusal);
        return;
      }
      const opened = envelope.open(bytes, from);
      if (!opened.ok) ignored.count(opened.reason);
      else count(take(opened.payload, from, from.port === options.beaconPort ? 'broadcast' : 'multicast'));
    },
    takeAnswer(payload, from) {
      count(admit(payload, from) ?? take(payload, from, 'answer'));
    },
    heardBy: (method, family, interfaceName) => ways.get(keyOf(method, family, interfaceName))?.copies ?? 0,
    ignored: () => ignored.snapshot(),
  };
}

type Family = 'ipv4' | 'ipv6';

/** Interfaces whose ways are kept as texts: each beacon asks for one. */
const namesKeptMax = 64;

function createWayKeys(): (way: BeaconWay, family: Family, interfaceName: string) => string {
  const byName = new Map<string, Readonly<Record<BeaconWay, Readonly<Record<Family, string>>>>>();

  return (way, family, interfaceName) => {
    let keys = byName.get(interfaceName);
    if (keys === undefined) {
      if (byName.size >= namesKeptMax) byName.clear();
      const both = (by: BeaconWay) => ({ ipv4: `${by} ipv4 ${interfaceName}`, ipv6: `${by} ipv6 ${interfaceName}` });
      keys = { multicast: both('multicast'), broadcast: both('broadcast'), answer: both('answer') };
      byName.set(interfaceName, keys);
    }
    return keys[way][family];
  };
}
