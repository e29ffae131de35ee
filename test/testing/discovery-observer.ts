import { createDiscovery, type Discovery, type DiscoveryOptions, ownMethods } from '../../src/discovery/discovery.ts';
import { openEnvelope } from '../../src/discovery/open-envelope.ts';
import type { Candidate } from '../../src/membership/candidate.ts';
import type { Beacon } from '../../src/protocol/beacon.ts';
import { nodeIdFrom } from '../../src/protocol/ids.ts';
import { formatSocketAddress, type SocketAddress } from '../../src/protocol/socket-address.ts';
import { versionsSpoken } from '../../src/protocol/version.ts';
import type { DatagramSocket } from '../../src/runtime/datagrams.ts';
import type { Runtime } from '../../src/runtime/runtime.ts';

/** The least of a node that discovery needs, noting all it is told. */
export interface DiscoveryObserver {
  readonly discovery: Discovery;
  readonly nodePort: number;
  readonly identity: Identity;
  readonly candidates: Candidate[];
  /** Beacons heard, each once. */
  readonly beacons: Beacon[];
  /** Datagrams this node sent in answer. */
  readonly answers: { readonly to: SocketAddress; readonly bytes: Uint8Array }[];
  /** What of its beacon may change. */
  readonly content: { services: Beacon['services'] };
  /** Addresses at which it believes a member alive, as text. */
  readonly reached: Set<string>;
  /** Ways in which a node of that name was found: `multicast eth0`. */
  waysTo(nodeName: string): readonly string[];
  stop(goodbye?: boolean): Promise<void>;
}

export interface DiscoveryObserverOptions
  extends Partial<Pick<DiscoveryOptions, 'scope' | 'beaconPort' | 'seeds' | 'methods' | 'cluster'>> {
  readonly runtime: Runtime;
  readonly name: string;
  /** Port 0: any. */
  readonly nodePort?: number;
  readonly identity?: Partial<Identity>;
}

/** What of a beacon stays the same. */
type Identity = Omit<Beacon, 'services' | 'nodePort' | 'leaving' | 'seeking'>;

/** Opens the node port; discovery itself is started by the test. */
export async function observeDiscovery(options: DiscoveryObserverOptions): Promise<DiscoveryObserver> {
  const { runtime, name, scope = 'open', cluster = 'test' } = options;
  const candidates: Candidate[] = [];
  const beacons: Beacon[] = [];
  const answers: { to: SocketAddress; bytes: Uint8Array }[] = [];
  const content: DiscoveryObserver['content'] = { services: [] };
  const reached = new Set<string>();
  const identity = { ...identityOf(runtime, name, cluster), ...options.identity };
  const envelope = openEnvelope(cluster);

  const socket: DatagramSocket = await runtime.datagrams.open({
    address: scope === 'loopback' ? '127.0.0.1' : '0.0.0.0',
    port: options.nodePort ?? 0,
    shared: false,
    broadcast: false,
    multicastInterface: undefined,
    onDatagram(bytes, from) {
      const opened = envelope.open(bytes);
      if (opened.ok) discovery.takeAnswer(opened.payload, from);
    },
    onError() {},
  });
  const nodePort = socket.local.port;
  const discovery = createDiscovery({
    runtime,
    cluster,
    node: identity.node,
    nodePort,
    scope,
    beaconPort: options.beaconPort ?? 7470,
    seeds: options.seeds ?? [],
    methods: options.methods ?? ownMethods,
    envelope,
    composeBeacon: (flags) => ({ ...identity, ...flags, ...content, nodePort }),
    sendToNodePort(to, bytes) {
      answers.push({ to, bytes });
      socket.send(bytes, to);
    },
    isReached: (where) => reached.has(formatSocketAddress(where)),
    onCandidate: (candidate) => candidates.push(candidate),
    onBeacon: (beacon) => beacons.push(beacon),
  });

  return {
    discovery,
    nodePort,
    identity,
    candidates,
    beacons,
    answers,
    content,
    reached,
    waysTo(nodeName) {
      const found = candidates.filter((one) => one.beacon?.nodeName === nodeName);
      const ways = found.map(({ provenance }) => `${provenance.method} ${provenance.interface}`);
      return [...new Set(ways)].sort();
    },
    async stop(goodbye = false) {
      await discovery.stop({ goodbye });
      socket.close();
    },
  };
}

function identityOf(runtime: Runtime, nodeName: string, clusterName: string): Identity {
  const node = nodeIdFrom(runtime.random.bytes(8));
  const incarnation = Math.floor(runtime.clock.wallTime());
  return {
    ...versionsSpoken,
    node,
    nodeName,
    clusterName,
    incarnation,
    sequence: 0,
    recordVersion: 1,
    hostLoad: undefined,
  };
}
