import type { Posture } from '../api/views.ts';
import { createProvisions, type Provisions } from '../delivery/provisions.ts';
import { createDiscovery, type Discovery, ownMethods } from '../discovery/discovery.ts';
import type { Envelope } from '../discovery/envelope.ts';
import { createPeerLinks } from '../links/create-peer-links.ts';
import type { PeerLinkTable } from '../links/peer-link-table.ts';
import type { PeerLinkEvents } from '../links/peer-links.ts';
import type { Member } from '../membership/member.ts';
import { clusterTag } from '../protocol/cluster-tag.ts';
import { FrameKind } from '../protocol/frame.ts';
import type { Hello } from '../protocol/hello.ts';
import type { NodeId } from '../protocol/ids.ts';
import type { SocketAddress } from '../protocol/socket-address.ts';
import { versionsSpoken } from '../protocol/version.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { type AddressWatch, createAddressWatch } from './address-watch.ts';
import { beaconOf } from './beacon-of.ts';
import { type ControlPlane, type ControlPlaneEvents, createControlPlane } from './control-plane.ts';
import { createDataPlane, type DataPlane } from './data-plane.ts';
import { createInstanceChooser, type InstanceChooser } from './instance-chooser.ts';
import { createKeyringParts, isKeyFrame, type KeyringParts } from './keyring-parts.ts';
import { createLoopLink } from './loop-link.ts';
import { createNameTable, type NameTable } from './name-table.ts';
import type { NodeIdentity } from './node-identity.ts';
import type { NodeOptions } from './node-options.ts';
import type { NodePort } from './node-port.ts';
import { nodeTimings } from './node-timing.ts';
import type { NodeTrust } from './node-trust.ts';
import { createNodeViews, isPresent, type NodeViews } from './node-views.ts';
import { createOwnRecord, type OwnRecord } from './own-record.ts';
import { createPartitionWatch, type PartitionWatch } from './partition-watch.ts';
import { createPeerMemory, type PeerMemory } from './peer-memory.ts';
import { softwareName } from './software-name.ts';
import { probeHandshake } from './stream-prober.ts';
import { createSynchroniser, type Synchroniser, syncFields } from './synchroniser.ts';
import { createWatchLinks, type WatchLinks } from './watch-links.ts';
import { createWatchers, type Watchers } from './watchers.ts';

/** What a node stands on. */
export interface Foundation {
  readonly options: NodeOptions;
  readonly runtime: Runtime;
  readonly identity: NodeIdentity;
  readonly posture: Posture;
  /** `open`: the LAN, sealed or not. */
  readonly scope: 'loopback' | 'open';
  readonly envelope: Envelope;
  readonly trust: NodeTrust | undefined;
  readonly port: NodePort;
}

/** The parts of a node, wired to each other. */
export interface Assembly {
  readonly addresses: AddressWatch;
  readonly provisions: Provisions;
  readonly control: ControlPlane;
  readonly synchroniser: Synchroniser;
  readonly views: NodeViews;
  readonly watchers: Watchers;
  readonly chooser: InstanceChooser;
  readonly names: NameTable;
  readonly ownRecord: OwnRecord;
  readonly links: PeerLinkTable;
  /** `undefined` without a key. */
  readonly keyring: KeyringParts | undefined;
  readonly data: DataPlane;
  readonly discovery: Discovery;
  readonly peerMemory: PeerMemory;
  readonly watchLinks: WatchLinks;
  readonly partitions: PartitionWatch;
}

/** Filled in one after the other: each part calls the others only once all are there. */
type Parts = { -readonly [Part in keyof Assembly]: Assembly[Part] };

export function assemble(foundation: Foundation): Assembly {
  const { options, runtime, identity, scope, envelope, port } = foundation;
  const { clock } = runtime;
  const self = identity.id;
  const parts = {} as Parts;
  parts.addresses = createAddressWatch(runtime, scope, port.port, options.advertise);
  parts.provisions = createProvisions(
    clock,
    () => parts.ownRecord.refresh(),
    () => parts.ownRecord.refreshLoad(),
    () => parts.ownRecord.hostLoad(),
  );
  const { name, timing, detectWithinMs } = options;
  const controlOptions = { runtime, identity, name, timing, detectWithinMs, own: parts.addresses };
  parts.control = createControlPlane(controlOptions, controlEvents(parts, foundation));
  const { membership, directory, loads } = parts.control;
  const { isSameHost } = parts.addresses;
  const known = { clock, self, membership, directory, loads };
  parts.views = createNodeViews({ ...known, isSameHost, cluster: options.cluster, posture: foundation.posture });
  parts.partitions = createPartitionWatch(clock, membership, {
    onParted: (it) => parts.watchers.announce({ type: 'parted', partition: parts.views.partition(it) }),
    onHealed: (it) => parts.watchers.announce({ type: 'healed', partition: parts.views.partition(it) }),
  });
  const partitions = () => parts.partitions.current();
  parts.watchers = createWatchers({ ...known, views: parts.views, partitions, log: runtime.log });
  parts.chooser = createInstanceChooser({
    ...known,
    random: () => runtime.random.next(),
    isSameHost,
  });
  parts.names = createNameTable({
    ...known,
    isSameHost,
    ranked: (service) => parts.chooser.ranked(service),
    view: parts.views.instance,
  });
  parts.ownRecord = createOwnRecord({
    ...known,
    runtime,
    provisions: parts.provisions,
    loadIntervalMs: nodeTimings[options.timing].loadIntervalMs,
    onRecord: () => parts.discovery.announce(),
    onDisseminate: () => parts.control.settle(),
  });
  connectPlanes(parts, foundation);
  parts.watchLinks = createWatchLinks(clock, self, membership, parts.links);
  parts.discovery = createDiscovery({
    runtime,
    cluster: options.cluster,
    node: self,
    nodePort: port.port,
    scope,
    beaconPort: options.beaconPort,
    seeds: options.seeds,
    methods: options.methods ?? ownMethods,
    envelope,
    composeBeacon: (flags) => beaconOf(foundation, directory.own(), parts.ownRecord.hostLoad(), flags),
    sendToNodePort: (to, bytes) => port.send(bytes, to),
    isReached: (where) => parts.addresses.isOwn(where) || isMemberAt(membership.members(), where),
    onCandidate: (candidate) => parts.control.candidate(candidate),
    onBeacon() {},
  });
  parts.peerMemory = createPeerMemory(
    clock,
    () => membership.members(),
    (peers) => parts.discovery.remember(peers),
  );
  return parts;
}

function controlEvents(parts: Parts, { envelope, port, runtime }: Foundation): ControlPlaneEvents {
  return {
    send: (to, payload) => port.send(envelope.seal(payload, to), to),
    onMember(member, previous) {
      parts.chooser.membersChanged();
      parts.watchers.onMember(member, previous);
      if (!isPresent(member.state)) parts.links.forget(member.id);
      if (previous !== member.state) parts.watchLinks.changed();
      if (previous === 'dead' || member.state === 'dead') parts.partitions.changed();
      if (previous === undefined || isPresent(previous) !== isPresent(member.state)) peersChanged(parts);
    },
    onForgotten(member) {
      parts.watchers.onForgotten(member);
      parts.chooser.forget(member.id);
    },
    onDirectory: () => parts.watchers.onDirectory(),
    streamProbe: (peer, where) => streamProbe(parts, runtime, peer, where),
    synchronise: (peer) => parts.synchroniser.begin(peer),
    askRecords: (peer, wanted) => parts.synchroniser.ask(peer, wanted),
    onIncarnation(incarnation) {
      parts.ownRecord.reissue(incarnation);
      parts.discovery.announce();
    },
  };
}

function keyringOf(parts: Parts, { trust, runtime }: Foundation): KeyringParts | undefined {
  const { addresses, control, links } = parts;
  if (trust === undefined) return undefined;
  const { membership } = control;
  return createKeyringParts({
    trust,
    runtime,
    membership,
    links,
    addresses: () => addresses.addresses,
    remembered: () => parts.discovery.remembered,
  });
}

/** [M12] The host by a bare handshake, the process by something it has to say on a link. */
function streamProbe(
  { control, links, synchroniser }: Parts,
  runtime: Runtime,
  peer: NodeId,
  where: SocketAddress,
): void {
  probeHandshake(runtime, where, (answer) => control.evidence(peer, answer));
  if (links.isOpen(peer)) synchroniser.ask(peer, [peer]);
  else if (control.membership.get(peer)?.state === 'alive') links.open(peer);
}

/** Links, messages, streams and synchronisation: everything that goes by frames. */
function connectPlanes(parts: Parts, foundation: Foundation): void {
  const { options, runtime, identity } = foundation;
  const { control, chooser, provisions } = parts;
  const { membership, directory } = control;
  const self = identity.id;
  const loop = createLoopLink(runtime.clock, (frame) => void parts.data.onFrame(self, frame));
  const timing = nodeTimings[options.timing];
  parts.links = createPeerLinks(
    {
      clock: runtime.clock,
      streams: runtime.streams,
      self,
      hello: () => helloOf(foundation),
      keepAlive: timing.keepAlive,
      dialTimeoutMs: timing.dialTimeoutMs,
      addressOf: (peer) => membership.get(peer)?.reachedAt,
      secure: foundation.trust === undefined ? undefined : foundation.trust.secrets.dial,
    },
    linkEvents(parts, runtime),
  );
  parts.keyring = keyringOf(parts, foundation);
  parts.data = createDataPlane({
    runtime,
    self,
    selfName: options.name,
    carrier: {
      send(peer, fields, head, body) {
        if (peer !== self) return parts.links.send(peer, fields, head, body);
        loop.send(fields, head, body);
        return 'written';
      },
      sendFrames: (peer, frames, now) => parts.links.sendFrames(peer, frames, now),
    },
    // The loop copies.
    unwrittenBytes: (peer) => (peer === self ? 0 : parts.links.unwrittenBytes(peer)),
    chooser,
    provisions,
  });
  parts.synchroniser = createSynchroniser({
    view: {
      rows: () => [membership.self(), ...membership.members()],
      row: (id) => (id === self ? membership.self() : membership.get(id)),
      record: (id) => directory.get(id),
    },
    send: (peer, rest) => void parts.links.send(peer, syncFields, undefined, rest),
    onDelta: (peer, delta) => control.delta(peer, delta),
  });
}

function linkEvents(parts: Parts, runtime: Runtime): PeerLinkEvents {
  return {
    onFrame(peer, frame) {
      if (frame.kind === FrameKind.sync) return parts.synchroniser.onFrame(peer, frame);
      if (isKeyFrame(frame.kind)) return parts.keyring?.onFrame(peer, frame);
      return parts.data.onFrame(peer, frame);
    },
    onUp(peer) {
      parts.data.onPeerUp(peer);
      parts.control.evidence(peer, 'link-up');
    },
    onDrain: (peer) => parts.data.onDrain(peer),
    onLost(peer, loss) {
      const reached = loss.kind !== 'unreachable';
      runtime.log.debug('a link is gone', { peer: parts.chooser.nameOf(peer), kind: loss.kind, text: loss.text });
      parts.keyring?.onLost(peer);
      parts.data.onPeerLost(peer, { reached, text: loss.text });
      if (loss.kind === 'leaving') parts.control.evidence(peer, 'leaving');
      else parts.control.evidence(peer, reached ? 'link-lost' : 'unreachable');
    },
  };
}

function peersChanged({ control, discovery, peerMemory }: Parts): void {
  const { alive, degraded, suspect } = control.membership.counts();
  discovery.setSeeking(alive + degraded + suspect === 0);
  peerMemory.changed();
}

function isMemberAt(members: Iterable<Member>, where: SocketAddress): boolean {
  const { address, port } = where;
  for (const member of members) {
    if (!isPresent(member.state)) continue;
    if (member.reachedAt.address === address && member.reachedAt.port === port) return true;
    if (member.addresses.some((at) => at.address === address && at.port === port)) return true;
  }
  return false;
}

function helloOf({ options, identity, port }: Foundation): Hello {
  return {
    ...versionsSpoken,
    clusterTag: clusterTag(options.cluster),
    role: 'node',
    node: identity.id,
    incarnation: identity.incarnation,
    nodePort: port.port,
    nodeName: options.name,
    clusterName: options.cluster,
    software: softwareName,
  };
}
