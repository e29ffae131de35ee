import type { NodeId } from '../protocol/ids.ts';
import { addressesMax } from '../protocol/limits.ts';
import { ItemType } from '../protocol/raw-item.ts';
import { commonVersion } from '../protocol/version.ts';
import { advance } from './advance.ts';
import { announceSelf, applyUpdate, declare, type Hearing, raiseIncarnation, reportIncompatible } from './apply.ts';
import { approach } from './approach.ts';
import type { Candidate } from './candidate.ts';
import { drawRows } from './draw-rows.ts';
import { createMachine, liveCount, type Machine, viewDigest, wake } from './machine.ts';
import type { Membership, MembershipConfig, MembershipCounts, MembershipEvidence } from './membership.ts';
import { isLive } from './merge.ts';
import { sendPacket } from './packets.ts';
import { calmProbe, streamAnswered } from './probe.ts';
import { receiveItems, receivePacket } from './receive.ts';
import { addProvenance, itemOf, type Row, snapshotOf, touched } from './row.ts';
import { observe, tell } from './shown-state.ts';
import { nextWakeAt, runDue } from './tick.ts';

/** [M7] Told directly that we leave: several more than three, for some packets get lost. */
const farewells = 16;

/** Items of one synchronisation above which what is new is not passed on: it is new here, and hardly to the others. */
const bulkItems = 64;

/** [M6] Of the times that other news is passed on: the next load is on its heels. */
const shareOfLoad = 1 / 4;

export function createMembership(config: MembershipConfig): Membership {
  const m = createMachine(config);
  announceSelf(m);

  /** Inputs after the goodbye are ignored. */
  function input(now: number, act: () => void): void {
    if (m.left) return;
    advance(m, now);
    // Now it is known what time it is; and a tick that is due is not put off by what comes in before it.
    if (m.hurried) wake(m, m.time);
    m.hurried = false;
    act();
  }

  return {
    candidate: (candidate, now) => input(now, () => hearCandidate(m, candidate)),
    packet: (packet, from, now) =>
      input(now, () => {
        const probes = m.probes.size;
        receivePacket(m, packet, from);
        // Nearly every probe is acked: its timeout is nothing to wake up for.
        if (m.probes.size < probes) m.wakeAt = nextWakeAt(m);
      }),
    items: (items, from, now) =>
      input(now, () => {
        const sender = m.table.rows.get(from);
        if (sender !== undefined) calmProbe(m, sender);
        const bulk = items.length > bulkItems;
        receiveItems(m, items, { from, source: undefined, way: 'sync', corrections: undefined, bulk });
      }),
    evidence: (id, kind, now) => input(now, () => hearEvidence(m, id, kind)),
    setAddresses: (addresses, now) =>
      input(now, () => {
        m.self.addresses = addresses.slice(0, addressesMax);
        m.self.reachedAt = addresses[0] ?? m.self.reachedAt;
        // All that is said of an incarnation but its state is said once.
        raiseIncarnation(m, m.self.incarnation);
      }),
    setRecordVersion: (version, now) =>
      input(now, () => {
        if (version === m.self.recordVersion) return;
        m.self.recordVersion = version;
        announceSelf(m);
      }),
    setTiming: (timing, now) =>
      input(now, () => {
        m.timing = timing;
      }),
    disseminate(key, item, presses) {
      const share = item.type === ItemType.load && !presses ? shareOfLoad : 1;
      m.news.put(`item ${key}`, item, share, presses);
      if (m.news.pressing()) m.hurried = true;
    },
    leave: (now) => input(now, () => leave(m)),
    tick: (now) => input(now, () => runDue(m)),
    nextTickAt: () => (m.left ? Infinity : Math.min(m.hurried ? m.time : Infinity, m.wakeAt) + m.lostMs),
    drain() {
      const { effects } = m;
      m.effects = [];
      return effects;
    },
    self: () => snapshotOf(m.self),
    get: (id) => snapshotOrNone(m.table.rows.get(id)),
    nameOf: (id) => (id === m.self.id ? m.self : m.table.rows.get(id))?.name,
    members: () => snapshots(m),
    byName: (name) => snapshotOrNone(name === m.self.name && !m.left ? m.self : m.table.byName(name)),
    counts: () => counts(m),
    viewDigest: () => viewDigest(m),
  };
}

function* snapshots(m: Machine) {
  for (const row of m.table.rows.values()) yield snapshotOf(row);
}

function snapshotOrNone(row: Row | undefined) {
  return row === undefined ? undefined : snapshotOf(row);
}

function counts(m: Machine): MembershipCounts {
  const { table, news, counters, health, unanswered } = m;
  return {
    alive: table.count('alive'),
    degraded: table.count('degraded'),
    suspect: table.count('suspect'),
    dead: table.count('dead'),
    left: table.count('left'),
    queued: news.size(),
    health,
    unanswered,
    probes: counters.probes,
    probesFailed: counters.probesFailed,
    lateTicks: counters.lateTicks,
    refutations: counters.refutations,
    membersRefused: counters.membersRefused,
    candidatesRefused: counters.candidatesRefused,
  };
}

function hearCandidate(m: Machine, candidate: Candidate): void {
  const { beacon } = candidate;
  if (beacon === undefined) {
    approach(m, candidate);
    return;
  }
  const { node: id, incarnation, nodeName: name, versionOldest, versionNewest, recordVersion } = beacon;
  if (id !== m.self.id && commonVersion(beacon, m.self) === undefined) {
    reportIncompatible(m, { id, incarnation, name, versionOldest, versionNewest }, candidate.address);
    return;
  }
  const row = m.table.rows.get(id);
  if (row !== undefined && isLive(row.state) && addProvenance(row, candidate.provenance)) {
    tell(m, row, true);
  }
  const reborn = incarnation > (row ?? m.self).incarnation;
  // Of one that is degraded it is not known what it says of itself now: it is asked.
  if (row?.state === 'degraded' && reborn && !beacon.leaving) {
    if (m.beaconBudget.take(m.time)) probeOutOfTurn(m, row, 'soon');
    return;
  }
  const news = beacon.leaving || reborn || recordVersion > (row?.recordVersion ?? 0);
  if (id === m.self.id || (row !== undefined && news)) {
    if (!m.beaconBudget.take(m.time)) return;
    const hearing: Hearing = {
      from: id,
      source: candidate.address,
      way: 'beacon',
      corrections: undefined,
      bulk: false,
    };
    const state = beacon.leaving ? 'left' : 'alive';
    const said = { id, incarnation, name, versionOldest, versionNewest, recordVersion };
    applyUpdate(m, { ...said, state, by: id, addresses: [candidate.address], cause: undefined }, hearing);
  }
  if (id === m.self.id || beacon.leaving) return;
  if (row === undefined || row.provisional) {
    approach(m, candidate);
  } else if (!isLive(row.state) && m.beaconBudget.take(m.time)) {
    // Who is thought dead and is not gets a ping that says so, and refutes.
    m.due.set(id, 'soon');
    wake(m, m.time);
  }
}

/** [M11] [M12] */
function hearEvidence(m: Machine, id: NodeId, kind: MembershipEvidence): void {
  const row = m.table.rows.get(id);
  if (row === undefined) return;
  switch (kind) {
    case 'heard':
      return calmProbe(m, row);
    case 'link-up':
      calmProbe(m, row);
      // A link to one that is thought dead: it is told so, and refutes.
      if (row.state === 'dead') probeOutOfTurn(m, row, 'soon');
      return undefined;
    case 'leaving':
      return isLive(row.state) ? declare(m, row, 'left', undefined) : undefined;
    case 'link-lost':
    case 'unreachable':
      if (!isLive(row.state)) return undefined;
      if (kind === 'link-lost') observe(m, row, 'link-lost');
      // A dial that failed while it is being looked into says nothing new.
      return kind === 'link-lost' || !m.probeOf.has(id) ? probeOutOfTurn(m, row, 'quick') : undefined;
    case 'refused':
    case 'accepted':
      return streamAnswered(m, row, kind);
  }
}

function probeOutOfTurn(m: Machine, row: Row, urgency: 'soon' | 'quick'): void {
  m.due.set(row.id, urgency);
  wake(m, m.time);
}

/** [M7] */
function leave(m: Machine): void {
  m.self.state = m.self.shown = m.self.plain = 'left';
  m.self.since = m.self.shownSince = m.now;
  touched(m.self);
  const cargo = { items: [itemOf(m.self)], news: liveCount(m) > 1 };
  for (const row of drawRows(m.table.live, farewells, m.random)) {
    sendPacket(m, row.reachedAt, { kind: 'gossip', from: m.self.id }, cargo);
  }
  m.left = true;
}
