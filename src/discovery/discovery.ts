import type { Candidate } from '../membership/candidate.ts';
import type { DiscoveryMethod, Provenance } from '../membership/provenance.ts';
import type { Beacon } from '../protocol/beacon.ts';
import type { NodeId } from '../protocol/ids.ts';
import type { HostPort, SocketAddress } from '../protocol/socket-address.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { BeaconFlags } from './beacon-composer.ts';
import type { HeardBeacon } from './beacon-intake.ts';
import type { DiscoveryStatus } from './discovery-status.ts';
import type { Envelope } from './envelope.ts';
import { createHerald } from './herald.ts';
import { createLateStart } from './late-start.ts';
import { createMdns, type Mdns } from './mdns.ts';
import type { RememberedPeer } from './peers-file.ts';
import { createRememberedPeers, type RememberedPeers } from './remembered-peers.ts';
import { createSeedFinder, type SeedFinder } from './seed-finder.ts';
import { isLoopbackAddress } from './subnet.ts';

/** The ways of looking that a node has of its own; the others come about by those who were found. */
export type OwnMethod = Extract<DiscoveryMethod, 'multicast' | 'broadcast' | 'mdns' | 'seed' | 'remembered'>;

/** What a node has on unless it is told otherwise: all of them at once, for each fails somewhere. */
export const ownMethods: ReadonlySet<OwnMethod> = new Set<OwnMethod>([
  'multicast',
  'broadcast',
  'mdns',
  'seed',
  'remembered',
]);

/** How somebody was found, but for the time. */
type Way = Omit<Provenance, 'at'>;

export interface DiscoveryOptions {
  readonly runtime: Runtime;
  readonly cluster: string;
  readonly node: NodeId;
  readonly nodePort: number;
  /** `loopback`: nothing leaves this host, and nothing from outside is heard [P4]. */
  readonly scope: 'loopback' | 'open';
  readonly beaconPort: number;
  readonly seeds: readonly HostPort[];
  readonly methods: ReadonlySet<OwnMethod>;
  readonly envelope: Envelope;
  /** What this node's next beacon says. Sequence and flags are filled in by discovery. */
  composeBeacon(flags: BeaconFlags): Beacon;
  /** Sends from the node's own port, which the node owns. */
  sendToNodePort(to: SocketAddress, bytes: Uint8Array): void;
  /** Whether a live member is reached at that address, or this node itself. Asked about once a second per seed. */
  isReached(where: SocketAddress): boolean;
  /** Called again for the same peer with each of its beacons, and when only the way in which it was found is new. */
  onCandidate(candidate: Candidate): void;
  /** Each beacon of another node once, goodbyes included, before it becomes a candidate. */
  onBeacon(beacon: Beacon, nodeAddress: SocketAddress): void;
}

/**
 * All finders at once, but for mDNS, which begins a moment after the beacons ([Z3]). None waits for one that fails, and a
 * failing one is only seen in the status.
 */
export interface Discovery {
  /** Settles when every method has been tried once; peers may be found before. Never rejects. */
  start(): Promise<void>;
  /** What the beacon says has changed: it is sent by every method now, at most 5 times a second. */
  announce(): void;
  /** Whether the node knows no other live member; true at first. */
  setSeeking(seeking: boolean): void;
  /** The payload of a beacon that came to the node port: somebody's answer. */
  takeAnswer(payload: Uint8Array, from: SocketAddress): void;
  /** These are the live members. Kept for the next start. */
  remember(members: readonly RememberedPeer[]): void;
  /** Members of this run and of runs before; some may be gone for long. */
  readonly remembered: readonly RememberedPeer[];
  resolveSeedsNow(): void;
  status(): DiscoveryStatus;
  /** Settles when the goodbye is out, the sockets are closed and the peers are written. Never rejects. */
  stop(how: { readonly goodbye: boolean }): Promise<void>;
}

export function createDiscovery(options: DiscoveryOptions): Discovery {
  const { runtime, cluster, scope, methods } = options;
  const { clock } = runtime;
  let seeking = true;
  let peerCount = 0;
  let stopping: Promise<void> | undefined;

  function yieldCandidate(address: SocketAddress, way: Way, beacon: Beacon | undefined, beaconBytes: number): void {
    if (stopping !== undefined) return;
    const { method, interface: name, via } = way;
    const provenance = { method, interface: name, via, at: clock.now() };
    options.onCandidate({ address, provenance, beacon, beaconBytes });
  }

  function hear({ beacon, from, way, location, fresh, payloadBytes }: HeardBeacon): void {
    if (stopping !== undefined) return;
    const address: SocketAddress = { address: from.address, port: beacon.nodePort };
    if (fresh) options.onBeacon(beacon, address);
    // An answer was heard by neither method: that node introduced itself.
    const method = way === 'answer' ? 'introduction' : way;
    if (beacon.leaving) return;
    yieldCandidate(address, { method, interface: location?.interface ?? '', via: '' }, beacon, payloadBytes);
  }

  const { seeds, remembered, mdns } = createAddressFinders(options, {
    isSeeking: () => seeking,
    onAddress: (where, way) => yieldCandidate(where, way, undefined, 0),
  });
  const herald = createHerald({
    runtime,
    cluster,
    scope,
    beaconPort: options.beaconPort,
    methods: new Set((['multicast', 'broadcast'] as const).filter((method) => methods.has(method))),
    envelope: options.envelope,
    isSeeking: () => seeking,
    peerCount: () => peerCount,
    composeBeacon: (flags) => options.composeBeacon(flags),
    sendToNodePort: (to, bytes) => options.sendToNodePort(to, bytes),
    onHeard: hear,
    onInterfaceAppeared() {
      seeds.resolveNow();
      remembered.lookNow();
    },
  });

  const lateMdns = createLateStart({
    clock,
    hasOthers: () => herald.isHeardOutside(),
    isSeeking: () => seeking,
    start: () => mdns?.start() ?? Promise.resolve(),
  });

  return {
    async start() {
      seeds.start();
      await Promise.all([herald.start().then(() => lateMdns.begin()), remembered.start()]);
    },
    announce: () => herald.announce(),
    setSeeking(next) {
      const begins = next && !seeking;
      seeking = next;
      if (!begins) return;
      herald.announce();
      remembered.lookNow();
      lateMdns.now();
      mdns?.lookNow();
    },
    takeAnswer: (payload, from) => herald.takeAnswer(payload, from),
    get remembered() {
      return remembered.peers;
    },
    remember(members) {
      peerCount = members.length;
      remembered.remember(members);
    },
    resolveSeedsNow: () => seeds.resolveNow(),
    status: () => ({
      seeking,
      ...herald.status(),
      mdns: mdns?.status(),
      seeds: seeds.status(),
      remembered: remembered.status(),
    }),
    stop({ goodbye }) {
      seeds.stop();
      lateMdns.giveUp();
      stopping ??= Promise.all([herald.stop(goodbye), remembered.stop(), mdns?.stop({ goodbye })]).then(() => {});
      return stopping;
    },
  };
}

/** The finders that know addresses only. */
function createAddressFinders(
  { runtime, cluster, scope, methods, ...options }: DiscoveryOptions,
  {
    isSeeking,
    onAddress,
  }: {
    readonly isSeeking: () => boolean;
    readonly onAddress: (where: SocketAddress, way: Way) => void;
  },
): { readonly seeds: SeedFinder; readonly remembered: RememberedPeers; readonly mdns: Mdns | undefined } {
  const isInScope = (address: string): boolean => scope === 'open' || isLoopbackAddress(address);
  const isReached = (where: SocketAddress): boolean => options.isReached(where);
  const seeds = createSeedFinder({
    runtime,
    seeds: methods.has('seed') ? options.seeds : [],
    isSeeking,
    isInScope,
    isReached,
    onAddress: (where, method, via) => onAddress(where, { method, interface: '', via }),
  });
  const remembered = createRememberedPeers({
    runtime,
    cluster,
    isSeeking: () => methods.has('remembered') && isSeeking(),
    isInScope,
    isReached,
    onAddress: (where) => onAddress(where, { method: 'remembered', interface: '', via: '' }),
  });
  // Nobody on a host's loopback is found by it sooner than by beacons.
  if (scope === 'loopback' || !methods.has('mdns')) return { seeds, remembered, mdns: undefined };
  const mdns = createMdns({
    runtime,
    cluster,
    node: options.node,
    nodePort: options.nodePort,
    isSeeking,
    isReached,
    onAddress: (where, interfaceName, via) => onAddress(where, { method: 'mdns', interface: interfaceName, via }),
  });
  return { seeds, remembered, mdns };
}
