import type { Provisions } from '../delivery/provisions.ts';
import type { Directory } from '../directory/directory.ts';
import type { LoadTable } from '../directory/load-table.ts';
import type { Membership } from '../membership/membership.ts';
import { encodeItem } from '../protocol/gossip-item.ts';
import { recordGossipBytesMax } from '../protocol/limits.ts';
import type { LoadReport, ServiceLoad } from '../protocol/load-report.ts';
import type { ServiceEntry } from '../protocol/service-entry.ts';
import type { Timer } from '../runtime/clock.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { createLoadLeaps } from './load-leaps.ts';
import { isLoadDue } from './load-pacing.ts';

/** Keeps what this node says of itself in step with what is served here: its record and its load. */
export interface OwnRecord {
  /** What is served has changed. */
  refresh(): void;
  /** A service's load has changed: told at once if it changed enough. */
  refreshLoad(): void;
  /** Own incarnation was raised: record and load are said again under it. */
  reissue(incarnation: number): void;
  // A method, as in a frame link: each reply asks.
  hostLoad(): number | undefined;
  start(): void;
  stop(): void;
}

export interface OwnRecordOptions {
  readonly runtime: Runtime;
  readonly provisions: Provisions;
  readonly directory: Directory;
  readonly loads: LoadTable;
  readonly membership: Membership;
  readonly loadIntervalMs: number;
  /** The record has a new version: beacon and membership are to say so. */
  readonly onRecord: () => void;
  /** There is something to send. */
  readonly onDisseminate: () => void;
}

/** Services whose loads fit one datagram beside others' news; the rest are weighed by their host's load. */
const loadBytesMax = 600;
/** Of one service beside its name: length, load, in flight. */
const serviceLoadBytes = 4;
/** Who serves nothing looks at its load this much less often. */
const idleFactor = 8;
/** And for the first time when the site has formed: some twenty files are read by code that has never run yet. */
const firstLookMs = 1_500;

export function createOwnRecord(options: OwnRecordOptions): OwnRecord {
  const { runtime, provisions, directory, loads, membership } = options;
  const leaps = createLoadLeaps();
  let timer: Timer | undefined;
  let sequence = 0;
  let hostLoad: number | undefined;
  let told: LoadReport | undefined;
  let toldAt = Number.NEGATIVE_INFINITY;
  /** Nothing is served, so nobody needs to know. */
  let isIdle = true;

  function publish(): void {
    const record = directory.own();
    membership.setRecordVersion(record.version, runtime.clock.now());
    const item = encodeItem({ type: 'record', record });
    if (item.bytes.length <= recordGossipBytesMax) membership.disseminate('record', item, true);
    options.onRecord();
    options.onDisseminate();
  }

  function report(): LoadReport {
    const { id, incarnation } = directory.own();
    const services: ServiceLoad[] = [];
    let bytes = 0;
    for (const { service, load, inFlight } of provisions.summaries()) {
      bytes += service.length + serviceLoadBytes;
      if (bytes > loadBytesMax) break;
      services.push({ name: service, load, inFlight });
    }
    return { id, incarnation, sequence, hostLoad, services };
  }

  function tellLoad(force: boolean): void {
    const now = runtime.clock.now();
    const next = report();
    if (next.services.length === 0) return;
    if (!force && !isLoadDue(next, told, now - toldAt, others())) return;
    const presses = leaps.presses(next, told, now);
    sequence += 1;
    told = { ...next, sequence };
    toldAt = now;
    loads.merge(told, now);
    membership.disseminate('load', encodeItem({ type: 'load', report: told }), presses);
    options.onDisseminate();
  }

  function others(): number {
    const { alive, degraded, suspect } = membership.counts();
    return alive + degraded + suspect;
  }

  function look(): void {
    hostLoad = runtime.hostLoad.sample();
    runtime.memory.review();
    tellLoad(false);
    isIdle = provisions.summaries().length === 0;
    timer = runtime.clock.schedule(options.loadIntervalMs * (isIdle ? idleFactor : 1), look);
  }

  return {
    refresh() {
      const before = directory.own().version;
      if (directory.setServices(provisions.summaries().map(entryOf)).version !== before) publish();
      if (!isIdle || timer === undefined || provisions.summaries().length === 0) return;
      timer.cancel();
      look();
    },
    refreshLoad: () => tellLoad(false),
    reissue(incarnation) {
      directory.setIncarnation(incarnation);
      publish();
      tellLoad(true);
    },
    hostLoad: () => hostLoad,
    start() {
      if (provisions.summaries().length > 0) look();
      else timer = runtime.clock.schedule(firstLookMs, look);
    },
    stop() {
      timer?.cancel();
    },
  };
}

function entryOf(summary: ReturnType<Provisions['summaries']>[number]): ServiceEntry {
  const { service, state, kinds, weight, labels, endpoint } = summary;
  return { name: service, state, kinds, weight, labels, endpoint };
}
