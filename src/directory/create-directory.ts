import type { DirectoryRecord } from '../protocol/directory-record.ts';
import type { NodeId } from '../protocol/ids.ts';
import type { ServiceEntry } from '../protocol/service-entry.ts';
import type { Directory, DirectoryChange, Instance } from './directory.ts';

/** `incarnation` is this node's at its start [M2]. Its record begins as version 0: nothing to tell yet. */
export function createDirectory(id: NodeId, incarnation: number): Directory {
  const records = new Map<NodeId, DirectoryRecord>();
  const index = new Map<string, Map<NodeId, Instance>>();
  /** What `lookup` returned, until the service changes. */
  const sorted = new Map<string, readonly Instance[]>();
  let changes: DirectoryChange[] = [];
  let own: DirectoryRecord = { id, incarnation, version: 0, services: [] };
  records.set(id, own);

  function replace(record: DirectoryRecord): void {
    const before = entriesOf(records.get(record.id));
    const after = entriesOf(record);
    records.set(record.id, record);
    for (const [service, previous] of before) {
      const entry = after.get(service);
      if (entry === undefined || !sameEntry(previous, entry)) change(service, record.id, previous, entry);
    }
    for (const [service, entry] of after) {
      if (!before.has(service)) change(service, record.id, undefined, entry);
    }
  }

  function change(service: string, node: NodeId, previous: ServiceEntry | undefined, entry: ServiceEntry | undefined) {
    changes.push({ service, node, previous, entry });
    sorted.delete(service);
    const instances = index.get(service) ?? new Map<NodeId, Instance>();
    if (entry === undefined) instances.delete(node);
    else instances.set(node, { node, entry });
    if (instances.size > 0) index.set(service, instances);
    else index.delete(service);
  }

  function lookup(service: string): readonly Instance[] {
    const known = sorted.get(service);
    if (known !== undefined) return known;
    const instances = index.get(service);
    if (instances === undefined) return [];
    const list = [...instances.values()].sort((a, b) => (a.node < b.node ? -1 : 1));
    sorted.set(service, list);
    return list;
  }

  function setOwn(record: DirectoryRecord): DirectoryRecord {
    own = record;
    replace(own);
    return own;
  }

  return {
    own: () => own,
    setServices: (services) =>
      sameServices(own.services, services) ? own : setOwn({ ...own, version: own.version + 1, services }),
    setIncarnation: (next) => (next > own.incarnation ? setOwn({ ...own, incarnation: next }) : own),
    merge(record) {
      const held = records.get(record.id);
      if (record.id === id || (held !== undefined && !isNewerRecord(record, held))) return false;
      replace(record);
      return true;
    },
    get: (node) => records.get(node),
    records: () => records.values(),
    heldVersion(node, of) {
      const held = records.get(node);
      return held?.incarnation === of ? held.version : 0;
    },
    lookup,
    services: () => [...index.keys()].sort(),
    forget(node) {
      const held = records.get(node);
      if (held === undefined || node === id) return;
      replace({ ...held, services: [] });
      records.delete(node);
    },
    drain() {
      const drained = changes;
      changes = [];
      return drained;
    },
  };
}

/** [R1] */
export function isNewerRecord(a: DirectoryRecord, b: DirectoryRecord): boolean {
  return a.incarnation > b.incarnation || (a.incarnation === b.incarnation && a.version > b.version);
}

/** Of a service that stands twice the first entry counts. */
function entriesOf(record: DirectoryRecord | undefined): Map<string, ServiceEntry> {
  const entries = new Map<string, ServiceEntry>();
  for (const entry of record?.services ?? []) {
    if (!entries.has(entry.name)) entries.set(entry.name, entry);
  }
  return entries;
}

function sameServices(a: readonly ServiceEntry[], b: readonly ServiceEntry[]): boolean {
  return a.length === b.length && a.every((entry, i) => b[i] !== undefined && sameEntry(entry, b[i]));
}

function sameEntry(a: ServiceEntry, b: ServiceEntry): boolean {
  if (a.name !== b.name || a.state !== b.state || a.weight !== b.weight) return false;
  const { messages, http, streams } = a.kinds;
  if (messages !== b.kinds.messages || http !== b.kinds.http || streams !== b.kinds.streams) return false;
  if (a.endpoint?.address !== b.endpoint?.address || a.endpoint?.port !== b.endpoint?.port) return false;
  const names = Object.keys(a.labels);
  return names.length === Object.keys(b.labels).length && names.every((name) => a.labels[name] === b.labels[name]);
}
