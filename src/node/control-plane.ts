import type { DetectionView } from '../api/views.ts';
import { createDirectory } from '../directory/create-directory.ts';
import type { Directory } from '../directory/directory.ts';
import { createLoadTable, type LoadTable } from '../directory/load-table.ts';
import type { Candidate } from '../membership/candidate.ts';
import { createMembership } from '../membership/create-membership.ts';
import type { MembershipEffect } from '../membership/effect.ts';
import type { Member } from '../membership/member.ts';
import type { Membership, MembershipEvidence } from '../membership/membership.ts';
import { type TimingProfile, timingProfiles } from '../membership/timing.ts';
import { encodeItemBy, type GossipItem } from '../protocol/gossip-item.ts';
import type { GossipPacket } from '../protocol/gossip-packet.ts';
import type { NodeId } from '../protocol/ids.ts';
import { recordGossipBytesMax } from '../protocol/limits.ts';
import type { LoadReport } from '../protocol/load-report.ts';
import type { MemberState } from '../protocol/member-update.ts';
import type { SocketAddress } from '../protocol/socket-address.ts';
import type { Delta } from '../protocol/sync.ts';
import { versionsSpoken } from '../protocol/version.ts';
import { Writer } from '../protocol/writer.ts';
import type { Timer } from '../runtime/clock.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { AddressWatch } from './address-watch.ts';
import { createDetectionGoal } from './detection-goal.ts';
import { createLoadLeaps } from './load-leaps.ts';
import { createMissingRecords } from './missing-records.ts';
import type { NodeIdentity } from './node-identity.ts';
import { isPresent } from './node-views.ts';

export interface ControlPlaneOptions {
  readonly runtime: Runtime;
  readonly identity: NodeIdentity;
  readonly name: string;
  readonly timing: TimingProfile;
  /** Within which a silent host is to be known; undefined: as the profile has it. */
  readonly detectWithinMs: number | undefined;
  readonly own: Pick<AddressWatch, 'addresses' | 'home' | 'bestOf'>;
}

/** What the control plane wants done by the rest of the node. */
export interface ControlPlaneEvents {
  /** A gossip payload is to be put into an envelope and sent. */
  send(to: SocketAddress, payload: Uint8Array): void;
  onMember(member: Member, previous: MemberState | undefined): void;
  onForgotten(member: Member): void;
  /** The directory has changes to drain. */
  onDirectory(): void;
  /** [M12] Look whether its host and its process answer; what comes of it is evidence. */
  streamProbe(peer: NodeId, where: SocketAddress): void;
  /** Exchange digests with this node. */
  synchronise(peer: NodeId): void;
  /** [R2] These have newer records than are held here. `peer` is one of them. */
  askRecords(peer: NodeId, wanted: readonly NodeId[]): void;
  /** Own incarnation was raised. */
  onIncarnation(incarnation: number): void;
}

/** The machines (membership, directory, loads) and the one timer that drives them. */
export interface ControlPlane {
  readonly membership: Membership;
  readonly directory: Directory;
  readonly loads: LoadTable;
  /** How soon a host that falls silent is called dead. */
  detection(): DetectionView;
  candidate(candidate: Candidate): void;
  packet(packet: GossipPacket, from: SocketAddress): void;
  delta(from: NodeId, delta: Delta): void;
  evidence(peer: NodeId, kind: MembershipEvidence): void;
  setAddresses(addresses: readonly SocketAddress[]): void;
  /** Performs what the machines want, after anything was put into them directly. */
  settle(): void;
  leave(): void;
  stop(): void;
}

export function createControlPlane(options: ControlPlaneOptions, events: ControlPlaneEvents): ControlPlane {
  const { runtime, identity } = options;
  const { clock } = runtime;
  const membership = createMembership({
    self: { ...identity, name: options.name, addresses: options.own.addresses, ...versionsSpoken },
    timing: timingProfiles[options.timing],
    random: () => runtime.random.next(),
    now: clock.now(),
    bestOf: options.own.bestOf,
    home: options.own.home,
  });
  const profile = timingProfiles[options.timing];
  const goal = createDetectionGoal(runtime, membership, profile, options.detectWithinMs);
  const directory = createDirectory(identity.id, identity.incarnation);
  const loads = createLoadTable();
  const leaps = createLoadLeaps();
  const writer = new Writer();
  /** Last seen rows: what is told of a member when it has been forgotten. */
  const known = new Map<NodeId, Member>();
  const missing = createMissingRecords(clock, isMissing, (from, wanted) => events.askRecords(from, wanted));
  let timer: Timer | undefined;
  let plannedAt = Number.POSITIVE_INFINITY;
  let performing = false;
  let stopped = false;

  function onMember(member: Member, previous: MemberState | undefined): void {
    known.set(member.id, member);
    events.onMember(member, previous);
    if (isMissing(member.id)) missing.add(member.id);
  }

  function isMissing(id: NodeId): boolean {
    const member = membership.get(id);
    if (member === undefined || !isPresent(member.state)) return false;
    return member.recordVersion > directory.heldVersion(id, member.incarnation);
  }

  /** [M6] News spreads only if who hears it says it again. What is too large goes over links ([R3]). */
  function passOn(item: Extract<GossipItem, { type: 'record' | 'load' }>, presses = true): void {
    const raw = encodeItemBy(writer, item);
    if (raw.bytes.length > recordGossipBytesMax) return;
    membership.disseminate(`${item.type} ${item.type === 'record' ? item.record.id : item.report.id}`, raw, presses);
  }

  function hearLoad(report: LoadReport): void {
    const before = loads.report(report.id);
    if (!loads.merge(report, clock.now())) return;
    passOn({ type: 'load', report }, leaps.presses(report, before, clock.now()));
  }

  function perform(effect: MembershipEffect): void {
    switch (effect.type) {
      case 'send':
        return events.send(effect.to, effect.payload);
      case 'changed':
        return onMember(effect.member, effect.previous);
      case 'forgotten': {
        const member = known.get(effect.id);
        known.delete(effect.id);
        loads.forget(effect.id);
        leaps.forget(effect.id);
        if (member !== undefined) events.onForgotten(member);
        return directory.forget(effect.id);
      }
      case 'stream-probe':
        return events.streamProbe(effect.id, effect.address);
      case 'sync':
        return events.synchronise(effect.with);
      case 'record':
        if (directory.merge(effect.record)) passOn({ type: 'record', record: effect.record });
        return undefined;
      case 'load':
        return hearLoad(effect.report);
      case 'incompatible':
        return runtime.log.warn('a node speaks no version this one does: it is ignored', { ...effect });
      case 'incarnation':
        return events.onIncarnation(effect.incarnation);
    }
  }

  function settle(): void {
    if (performing) return;
    performing = true;
    try {
      for (let effects = membership.drain(); effects.length > 0; effects = membership.drain()) {
        for (const effect of effects) perform(effect);
      }
    } finally {
      performing = false;
    }
    events.onDirectory();
    plan();
  }

  function plan(): void {
    const at = membership.nextTickAt();
    if (stopped || at === plannedAt) return;
    timer?.cancel();
    plannedAt = at;
    if (at === Number.POSITIVE_INFINITY) return;
    timer = clock.schedule(Math.max(0, at - clock.now()), () => {
      plannedAt = Number.POSITIVE_INFINITY;
      membership.tick(clock.now());
      settle();
    });
  }

  return {
    membership,
    directory,
    loads,
    detection: () => goal.view(),
    candidate(candidate) {
      membership.candidate(candidate, clock.now());
      settle();
    },
    packet(packet, from) {
      membership.packet(packet, from, clock.now());
      settle();
    },
    delta(from, delta) {
      membership.items(delta.items, from, clock.now());
      settle();
    },
    evidence(peer, kind) {
      membership.evidence(peer, kind, clock.now());
      settle();
    },
    setAddresses(addresses) {
      membership.setAddresses(addresses, clock.now());
      settle();
    },
    settle,
    leave() {
      membership.leave(clock.now());
      settle();
    },
    stop() {
      stopped = true;
      missing.stop();
      goal.stop();
      timer?.cancel();
    },
  };
}
