import type { NodeId } from '../protocol/ids.ts';
import type { LoadReport, ServiceLoad } from '../protocol/load-report.ts';

/** What is known of how busy an instance is. */
export interface KnownLoad {
  /** 0 idle, 1 full. The service's own, else its host's; `undefined` not known. */
  readonly load: number | undefined;
  readonly ageMs: number;
  /** Exchanges it has in hand, from everybody, as its node last published it; `undefined` not known. */
  readonly inFlight: number | undefined;
}

export interface LoadTable {
  /** Takes a report that is newer by (incarnation, sequence). Returns whether it was. */
  merge(report: LoadReport, now: number): boolean;
  /** What a reply or a beacon said in passing. The freshest word counts, whichever way it came. */
  note(id: NodeId, service: string, load: number | undefined, now: number): void;
  /** `undefined` when nothing was ever heard of the node. */
  get(id: NodeId, service: string, now: number): KnownLoad | undefined;
  report(id: NodeId): LoadReport | undefined;
  /** Told after each report that was taken. Of one listener, set once. */
  onReport: (id: NodeId, now: number) => void;
  forget(id: NodeId): void;
}

interface Heard {
  readonly load: number | undefined;
  readonly at: number;
}

interface Row {
  report: LoadReport | undefined;
  reportAt: number;
  readonly services: Map<string, ServiceLoad>;
  readonly noted: Map<string, Heard>;
}

/** Words in passing kept per node: as many as a record has services. */
const notedMax = 256;

export function createLoadTable(): LoadTable {
  const rows = new Map<NodeId, Row>();

  function rowOf(id: NodeId): Row {
    let row = rows.get(id);
    if (row === undefined) {
      row = { report: undefined, reportAt: -Infinity, services: new Map(), noted: new Map() };
      rows.set(id, row);
    }
    return row;
  }

  const table: LoadTable = {
    onReport() {},
    merge(report, now) {
      const row = rowOf(report.id);
      if (row.report !== undefined && !isNewer(report, row.report)) return false;
      row.report = report;
      row.reportAt = now;
      row.services.clear();
      for (const service of report.services) row.services.set(service.name, service);
      table.onReport(report.id, now);
      return true;
    },
    note(id, service, load, now) {
      const { noted } = rowOf(id);
      if (noted.size >= notedMax && !noted.has(service)) noted.clear();
      noted.set(service, { load, at: now });
    },
    get(id, service, now) {
      const row = rows.get(id);
      if (row === undefined) return undefined;
      const noted = row.noted.get(service);
      const told = row.services.get(service);
      const inFlight = told?.inFlight;
      if (noted?.load !== undefined && noted.at >= row.reportAt) {
        return { load: noted.load, ageMs: now - noted.at, inFlight };
      }
      if (row.report === undefined) return noted && { load: noted.load, ageMs: now - noted.at, inFlight };
      return { load: told?.load ?? row.report.hostLoad, ageMs: now - row.reportAt, inFlight };
    },
    report: (id) => rows.get(id)?.report,
    forget: (id) => void rows.delete(id),
  };
  return table;
}

function isNewer(a: LoadReport, b: LoadReport): boolean {
  return a.incarnation > b.incarnation || (a.incarnation === b.incarnation && a.sequence > b.sequence);
}
