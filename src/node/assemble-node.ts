import type { CarryResult } from '../delivery/carrier.ts';
import { createProvisions } from '../delivery/provisions.ts';
import { createDiscovery, type Discovery, ownMethods } from '../discovery/discovery.ts';
import { createPeerLinks, type PeerLinkTable } from '../links/create-peer-links.ts';
import type { Member } from '../membership/member.ts';
import { clusterTag } from '../protocol/cluster-tag.ts';
import { type FrameFields, FrameKind } from '../protocol/frame.ts';
import type { Hello } from '../protocol/hello.ts';
import type { NodeId } from '../protocol/ids.ts';
import type { ReceivedFrame } from '../protocol/received-frame.ts';
import { versionsSpoken } from '../protocol/version.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { createAddressWatch } from './address-watch.ts';
import { beaconOf } from './beacon-of.ts';
import { type ControlPlane, createControlPlane } from './control-plane.ts';
import { createDataPlane, type DataPlane } from './data-plane.ts';
import type { Envelope } from '../discovery/envelope.ts';
import { createInstanceChooser } from './instance-chooser.ts';
import { createLoopLink } from './loop-link.ts';
import type { NodeIdentity } from './node-identity.ts';
import type { NodeOptions } from './node-options.ts';
import type { NodePort } from './node-port.ts';
import { nodeTimings } from './node-timing.ts';
import { createNodeViews, isPresent } from './node-views.ts';
import { createOwnRecord } from './own-record.ts';
import { createSynchroniser, syncFields } from './synchroniser.ts';
import { softwareName } from './software-name.ts';
import { createWatchers } from './watchers.ts';

/** What a node stands on. */
export interface Foundation {
  readonly options: NodeOptions;
  readonly runtime: Runtime;
  readonly identity: NodeIdentity;
  readonly scope: 'loopback' | 'open';
  readonly envelope: Envelope;
  readonly port: NodePort;
}

/** The parts of a node, wired to each other. */
export type Assembly = ReturnType<typeof assemble>;

export function assemble(foundation: Foundation) {
  const { options, runtime, identity, scope, envelope, port } = foundation;
  const { clock } = runtime;
  const self = identity.id;
  const timing = nodeTimings[options.timing];
  const addresses = createAddressWatch(runtime, scope, port.port);
  const loop = createLoopLink((frame) => void onFrame(self, frame));
  const provisions = createProvisions(
    clock,
    () => ownRecord.refresh(),
    () => ownRecord.refreshLoad(),
  );

  const control: ControlPlane = createControlPlane(
    { runtime, identity, name: options.name, timing: options.timing, addresses: addresses.addresses },
    {
      send: (to, payload) => port.send(envelope.seal(payload), to),
      onMember(member, previous) {
        watchers.onMember(member, previous);
        if (!isPresent(member.state)) links.forget(member.id);
        if (previous === undefined || isPresent(previous) !== isPresent(member.state)) peersChanged();
      },
      onForgotten(member) {
        watchers.onForgotten(member);
        chooser.forget(member.id);
      },
      onDirectory: () => watchers.onDirectory(),
      synchronise: (peer) => synchroniser.begin(peer),
      askRecord: (peer) => synchroniser.ask(peer, [peer]),
      onIncarnation(incarnation) {
        ownRecord.reissue(incarnation);
        discovery.announce();
      },
    },
  );
  const { membership, directory, loads } = control;
  const views = createNodeViews({ clock, self, cluster: options.cluster, posture: scope, membership, directory, loads });
  const watchers = createWatchers({ self, membership, directory, views });
  const chooser = createInstanceChooser({
    clock,
    random: () => runtime.random.next(),
    self,
    membership,
    directory,
    loads,
    isSameHost: addresses.isSameHost,
  });
  const ownRecord = createOwnRecord({
    runtime,
    provisions,
    directory,
    loads,
    membership,
    loadIntervalMs: timing.loadIntervalMs,
    onRecord: () => discovery.announce(),
    onDisseminate: () => control.settle(),
  });

  const links: PeerLinkTable = createPeerLinks(
    {
      clock,
      streams: runtime.streams,
      self,
      hello: () => helloOf(foundation),
      keepAlive: timing.keepAlive,
      dialTimeoutMs: timing.dialTimeoutMs,
      addressOf: (peer) => membership.get(peer)?.reachedAt,
    },
    {
      onFrame,
      onUp(peer) {
        data.onPeerUp(peer);
        control.evidence(peer, 'link-up');
      },
      onDrain: (peer) => data.onDrain(peer),
      onLost(peer, loss) {
        const reached = loss.kind !== 'unreachable';
        runtime.log.debug('a link is gone', { peer: chooser.nameOf(peer), kind: loss.kind, text: loss.text });
        data.onPeerLost(peer, { reached, text: loss.text });
        control.evidence(peer, reached ? 'link-lost' : 'unreachable');
      },
    },
  );

  function send(peer: NodeId, fields: FrameFields, head: Uint8Array | undefined, body: Uint8Array | undefined): CarryResult {
    if (peer !== self) return links.send(peer, fields, head, body);
    loop.send(fields, head, body);
    return 'written';
  }

  const data: DataPlane = createDataPlane({
    runtime,
    self,
    selfName: options.name,
    carrier: { send },
    chooser,
    provisions,
  });
  const synchroniser = createSynchroniser({
    view: {
      rows: () => [membership.self(), ...membership.members()],
      row: (id) => (id === self ? membership.self() : membership.get(id)),
      record: (id) => directory.get(id),
    },
    send: (peer, rest) => void links.send(peer, syncFields, undefined, rest),
    onDelta: (peer, delta) => control.delta(peer, delta),
  });

  function onFrame(peer: NodeId, frame: ReceivedFrame): string | undefined {
    if (frame.kind === FrameKind.sync) return synchroniser.onFrame(peer, frame);
    return data.onFrame(peer, frame);
  }

  const discovery: Discovery = createDiscovery({
    runtime,
    cluster: options.cluster,
    scope,
    beaconPort: options.beaconPort,
    seeds: options.seeds,
    methods: ownMethods,
    envelope,
    composeBeacon: (flags) => beaconOf(foundation, directory.own(), ownRecord.hostLoad, flags),
    sendToNodePort: (to, bytes) => port.send(bytes, to),
    isReached: (where) => addresses.isOwn(where) || isMemberAt(membership.members(), where.address, where.port),
    onCandidate: (candidate) => control.candidate(candidate),
    onBeacon() {},
  });

  function peersChanged(): void {
    const present = [...membership.members()].filter((member) => isPresent(member.state));
    discovery.setSeeking(present.length === 0);
    discovery.remember(present.map(({ id, name, addresses: at, reachedAt }) => ({ id, name, addresses: [reachedAt, ...at] })));
  }

  return { control, data, links, provisions, ownRecord, discovery, watchers, views, chooser, addresses };
}

function isMemberAt(members: Iterable<Member>, address: string, port: number): boolean {
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
