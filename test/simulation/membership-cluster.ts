import { answerDigest, answerWanted, digestOf, type SyncView } from '../../src/directory/anti-entropy.ts';
import { packDelta } from '../../src/directory/pack-delta.ts';
import { createMembership } from '../../src/membership/create-membership.ts';
import type { MembershipEffect } from '../../src/membership/effect.ts';
import type { Member } from '../../src/membership/member.ts';
import type { Membership } from '../../src/membership/membership.ts';
import { type MembershipTiming, type TimingProfile, timingProfiles } from '../../src/membership/timing.ts';
import { watchedBy } from '../../src/membership/watch-ring.ts';
import type { Beacon } from '../../src/protocol/beacon.ts';
import type { NodeId } from '../../src/protocol/ids.ts';
import { decodePayload } from '../../src/protocol/payload.ts';
import type { SocketAddress } from '../../src/protocol/socket-address.ts';
import { type Delta, type Digest, writeDelta, writeDigest } from '../../src/protocol/sync.ts';
import { Writer } from '../../src/protocol/writer.ts';
import { createVirtualRandom } from '../../src/testing/virtual-random.ts';
import { createEventHeap } from './event-heap.ts';

export interface ClusterOptions {
  readonly seed: number | string;
  readonly count: number;
  readonly profile?: TimingProfile;
  /** In place of a profile's. */
  readonly timing?: MembershipTiming;
  /** One way, each datagram drawn anew. */
  readonly latencyMs?: readonly [least: number, most: number];
  /** Share of datagrams lost. Links lose nothing. */
  readonly loss?: number;
  /** Told of each sighting in place of its being kept: those of a thousand nodes would fill the memory. */
  readonly onSighting?: (sighting: Sighting) => void;
}

/** Something one node's machine said of a member. */
export interface Sighting {
  readonly at: number;
  readonly observer: number;
  readonly member: Member;
  readonly previous: Member['state'] | undefined;
}

export interface ClusterNode {
  readonly index: number;
  readonly id: NodeId;
  readonly address: SocketAddress;
  machine: Membership;
  running: boolean;
  /** The host is on; its kernel answers where no process does. */
  powered: boolean;
  /** Nothing is done before this time, but what arrives waits. */
  frozenUntil: number;
  incarnation: number;
  packetsSent: number;
  bytesSent: number;
  syncs: number;
  /** What the frames of synchronisations hold. */
  syncBytesSent: number;
}

/** Machines on a virtual clock and a virtual network, and nothing else: no runtime, no links but the sync exchange. */
export interface MembershipCluster {
  readonly nodes: readonly ClusterNode[];
  readonly sightings: Sighting[];
  /** Whether a datagram or link from one node to the other gets through; replaceable. */
  reach: (from: number, to: number) => boolean;
  loss: number;
  now(): number;
  /** Starts the machine, with a higher incarnation than before. */
  start(index: number): void;
  seedWith(index: number, seed: number): void;
  /** The node announces itself to all it reaches, now and then. */
  beaconing(index: number): void;
  /** The host is gone: nothing answers any more. */
  kill(index: number): void;
  /** The process is gone: its kernel resets its links and refuses new ones. */
  crash(index: number): void;
  leave(index: number): void;
  freeze(index: number, ms: number): void;
  run(ms: number): void;
  /** Runs until the condition holds, looked at every `stepMs`; returns the time it took, `Infinity` when it did not. */
  runUntil(condition: () => boolean, withinMs: number, stepMs?: number): number;
  /** How `observer` sees `index`. */
  view(observer: number, index: number): Member['state'] | undefined;
  /** All that run see each other alive, and agree. */
  converged(): boolean;
  act(index: number, what: (machine: Membership, now: number) => void): void;
}

/** Datagram: IP, UDP, envelope, nonce and tag. */
export const overheadBytes = 28 + 42;

const beaconFirstPauseMs = 1_000;
const beaconPauseMaxMs = 10_000;

export function createMembershipCluster(options: ClusterOptions): MembershipCluster {
  const { seed, count, profile = 'lan', latencyMs = [0.1, 1] } = options;
  const random = createVirtualRandom(seed);
  const network = random.fork('network');
  const events = createEventHeap();
  const sightings: Sighting[] = [];
  const byPort = new Map<number, ClusterNode>();
  const byId = new Map<NodeId, ClusterNode>();
  const tickPlanned = new Map<ClusterNode, number>();
  const wallStart = 1_700_000_000_000;
  const onSighting = options.onSighting ?? ((sighting: Sighting) => void sightings.push(sighting));
  let now = 0;

  const nodes = Array.from({ length: count }, (_, index): ClusterNode => {
    const id = (index + 1).toString(16).padStart(16, '0') as NodeId;
    const address = { address: '10.0.0.1', port: 10_000 + index };
    const node: ClusterNode = {
      index,
      id,
      address,
      machine: undefined as unknown as Membership,
      running: false,
      powered: false,
      frozenUntil: 0,
      incarnation: 0,
      packetsSent: 0,
      bytesSent: 0,
      syncs: 0,
      syncBytesSent: 0,
    };
    byPort.set(address.port, node);
    byId.set(id, node);
    return node;
  });

  function perform(node: ClusterNode, effect: MembershipEffect): void {
    if (effect.type === 'send') {
      send(node, effect.to, effect.payload);
    } else if (effect.type === 'changed') {
      onSighting({ at: now, observer: node.index, member: effect.member, previous: effect.previous });
    } else if (effect.type === 'stream-probe') {
      streamProbe(node, effect.id);
    } else if (effect.type === 'sync') {
      node.syncs++;
      synchronise(node, byId.get(effect.with)!);
    } else if (effect.type === 'incarnation') {
      node.incarnation = effect.incarnation;
    }
  }

  function latency(): number {
    return latencyMs[0] + network.next() * (latencyMs[1] - latencyMs[0]);
  }

  function send(node: ClusterNode, to: SocketAddress, payload: Uint8Array): void {
    node.packetsSent++;
    node.bytesSent += payload.length + overheadBytes;
    const target = byPort.get(to.port);
    if (target === undefined || !cluster.reach(node.index, target.index) || network.next() < cluster.loss) return;
    events.add(now + latency(), () => {
      const decoded = decodePayload(payload);
      if (!decoded.ok) throw new Error(`malformed: ${decoded.reason}`);
      const packet = decoded.value;
      if (packet.kind === 'beacon') throw new Error('a machine sends no beacons');
      input(target, (machine) => machine.packet(packet, node.address, now));
    });
  }

  /** One SYN; what is lost of the handshake is repeated too late to matter. A process that answers says hello. */
  function streamProbe(node: ClusterNode, id: NodeId): void {
    const target = byId.get(id)!;
    const passes = (from: ClusterNode, to: ClusterNode) =>
      cluster.reach(from.index, to.index) && network.next() >= cluster.loss;
    node.packetsSent++;
    node.bytesSent += 60;
    if (!target.powered || !passes(node, target) || !passes(target, node)) return;
    events.add(now + 2 * latency(), () => {
      if (!target.powered) return;
      input(node, (machine) => machine.evidence(id, target.running ? 'accepted' : 'refused', now));
      hello(200);
    });
    // Once connected TCP repeats what is lost, after 200 ms first.
    const hello = (retryMs: number): void => {
      if (!target.running || target.frozenUntil > now || retryMs > 2_000) return;
      if (passes(node, target) && passes(target, node)) {
        events.add(now + 2 * latency(), () => input(node, (machine) => machine.evidence(id, 'heard', now)));
      } else events.add(now + retryMs, () => hello(2 * retryMs));
    };
  }

  /** Both ends of its watch links but the one that is gone hear of it: a link loses nothing. */
  function tellLinked(node: ClusterNode, evidence: 'link-lost' | 'leaving'): void {
    const ids = nodes.filter((it) => it.running || it === node).map((it) => it.id);
    const watched = watchedBy(node.id, ids);
    for (const other of nodes) {
      if (!other.running || !cluster.reach(node.index, other.index)) continue;
      if (!watched.includes(other.id) && !watchedBy(other.id, ids).includes(node.id)) continue;
      events.add(now + latency(), () => input(other, (machine) => machine.evidence(node.id, evidence, now)));
    }
  }

  /** Both digests and deltas over a link that takes two round trips to be there. */
  function synchronise(a: ClusterNode, b: ClusterNode): void {
    const later = (turns: number, from: ClusterNode, to: ClusterNode, act: () => void): void => {
      events.add(now + turns * latency(), () => {
        if (from.running && to.running && cluster.reach(from.index, to.index)) input(to, act);
      });
    };
    later(4, a, b, () => {
      const theirs = digestOf(syncView(a), true);
      const delta = answerDigest(syncView(b), theirs);
      a.syncBytesSent += digestBytesOf(theirs);
      b.syncBytesSent += deltaBytesOf(delta);
      later(1, b, a, () => {
        a.machine.items(delta.items, b.id, now);
        const answer = answerWanted(syncView(a), delta.wanted);
        a.syncBytesSent += deltaBytesOf(answer);
        later(1, a, b, () => b.machine.items(answer.items, a.id, now));
      });
    });
  }

  function input(node: ClusterNode, act: (machine: Membership) => void): void {
    if (!node.running) return;
    if (node.frozenUntil > now) {
      events.add(node.frozenUntil, () => input(node, act));
      return;
    }
    act(node.machine);
    settle(node);
  }

  function settle(node: ClusterNode): void {
    for (const effect of node.machine.drain()) perform(node, effect);
    const at = Math.max(now, node.machine.nextTickAt());
    if (at === Infinity || (tickPlanned.get(node) ?? Infinity) <= at) return;
    tickPlanned.set(node, at);
    events.add(at, () => tick(node, at));
  }

  function tick(node: ClusterNode, plannedAt: number): void {
    if (!node.running || tickPlanned.get(node) !== plannedAt) return;
    if (node.frozenUntil > now) {
      // The timer of a frozen process fires first when it thaws.
      events.add(node.frozenUntil - 1e-6, () => {
        node.frozenUntil = Math.min(node.frozenUntil, now);
        tick(node, plannedAt);
      });
      return;
    }
    tickPlanned.delete(node);
    if (node.machine.nextTickAt() <= now) node.machine.tick(now);
    settle(node);
  }

  function beacon(node: ClusterNode, sequence: number, pauseMs: number): void {
    if (!node.running) return;
    const heard = beaconOf(node, sequence);
    const provenance = { method: 'multicast', interface: 'eth0', via: '', at: now } as const;
    for (const other of nodes) {
      if (!cluster.reach(node.index, other.index) || network.next() < cluster.loss) continue;
      const candidate = { address: node.address, provenance, beacon: heard, beaconBytes: 60 };
      events.add(now + latency(), () => input(other, (machine) => machine.candidate(candidate, now)));
    }
    const spread = 0.8 + 0.4 * network.next();
    events.add(now + pauseMs * spread, () => beacon(node, sequence + 1, Math.min(beaconPauseMaxMs, 2 * pauseMs)));
  }

  function stop(node: ClusterNode): void {
    node.running = false;
    tickPlanned.delete(node);
  }

  const cluster: MembershipCluster = {
    nodes,
    sightings,
    reach: () => true,
    loss: options.loss ?? 0,
    now: () => now,
    start(index) {
      const node = nodes[index]!;
      node.incarnation = Math.max(node.incarnation + 1, Math.floor(wallStart + now));
      const draws = random.fork(`node ${index} ${node.incarnation}`);
      node.machine = createMembership({
        self: {
          id: node.id,
          name: `node-${index}`,
          incarnation: node.incarnation,
          addresses: [node.address],
          versionOldest: 1,
          versionNewest: 1,
        },
        timing: options.timing ?? timingProfiles[profile],
        random: () => draws.next(),
        now,
      });
      node.running = node.powered = true;
      node.frozenUntil = 0;
      settle(node);
    },
    seedWith(index, seedIndex) {
      const provenance = { method: 'seed', interface: '', via: '', at: now } as const;
      const candidate = { address: nodes[seedIndex]!.address, provenance, beacon: undefined, beaconBytes: 0 };
      input(nodes[index]!, (machine) => machine.candidate(candidate, now));
    },
    beaconing: (index) => beacon(nodes[index]!, 0, beaconFirstPauseMs),
    kill(index) {
      nodes[index]!.powered = false;
      stop(nodes[index]!);
    },
    crash(index) {
      stop(nodes[index]!);
      tellLinked(nodes[index]!, 'link-lost');
    },
    leave(index) {
      input(nodes[index]!, (machine) => machine.leave(now));
      stop(nodes[index]!);
      tellLinked(nodes[index]!, 'leaving');
    },
    freeze(index, ms) {
      nodes[index]!.frozenUntil = now + ms;
    },
    run(ms) {
      const until = now + ms;
      while (events.nextAt() <= until) {
        const event = events.take()!;
        now = Math.max(now, event.at);
        event.act();
      }
      now = until;
    },
    runUntil(condition, withinMs, stepMs = 10) {
      const from = now;
      while (!condition()) {
        if (now - from >= withinMs) return Infinity;
        cluster.run(stepMs);
      }
      return now - from;
    },
    view: (observer, index) => nodes[observer]!.machine.get(nodes[index]!.id)?.state,
    converged() {
      const running = nodes.filter((node) => node.running);
      const digest = running[0]?.machine.viewDigest();
      return running.every((node) => {
        const { alive, suspect, degraded } = node.machine.counts();
        return alive === running.length - 1 && suspect + degraded === 0 && node.machine.viewDigest() === digest;
      });
    },
    act: (index, what) => input(nodes[index]!, (machine) => what(machine, now)),
  };
  return cluster;
}

function digestBytesOf(digest: Digest): number {
  const writer = new Writer();
  writeDigest(writer, digest);
  return writer.length;
}

function deltaBytesOf(delta: Delta): number {
  let bytes = 0;
  for (const { items, wanted } of packDelta(delta)) {
    const writer = new Writer();
    writeDelta(writer, items, wanted);
    bytes += writer.length;
  }
  return bytes;
}

function syncView(node: ClusterNode): SyncView {
  const { machine } = node;
  return {
    rows: () => [machine.self(), ...machine.members()],
    row: (id) => (id === node.id ? machine.self() : machine.get(id)),
    record: () => undefined,
  };
}

function beaconOf(node: ClusterNode, sequence: number): Beacon {
  return {
    versionOldest: 1,
    versionNewest: 1,
    node: node.id,
    incarnation: node.incarnation,
    sequence,
    leaving: false,
    seeking: sequence === 0,
    nodePort: node.address.port,
    nodeName: `node-${node.index}`,
    clusterName: 'test',
    recordVersion: 0,
    hostLoad: undefined,
    services: [],
  };
}
