import type { MeshEvent } from '../api/mesh-event.ts';
import type { Directory } from '../directory/directory.ts';
import type { Member } from '../membership/member.ts';
import type { Membership } from '../membership/membership.ts';
import type { Partition } from '../membership/partition.ts';
import type { NodeId } from '../protocol/ids.ts';
import type { MemberState } from '../protocol/member-update.ts';
import type { ServiceEntry } from '../protocol/service-entry.ts';
import type { Log } from '../runtime/log.ts';
import { isPresent, type NodeViews } from './node-views.ts';

/**
 * Tells watchers what changes, each change exactly once. An instance is visible while its node is neither dead nor gone,
 * so the death of a node is `node-changed` and one `instance-gone` for each of its services.
 */
export interface Watchers {
  /** A listener that throws is logged, and goes on being told. */
  add(listener: (event: MeshEvent) => void): () => void;
  onMember(member: Member, previous: MemberState | undefined): void;
  onForgotten(member: Member): void;
  /** Tells what is no change of a member or an instance. */
  announce(event: MeshEvent): void;
  /** Drains the directory's changes and tells them. */
  onDirectory(): void;
}

export interface WatchersOptions {
  readonly self: NodeId;
  readonly membership: Membership;
  readonly directory: Directory;
  readonly views: NodeViews;
  readonly partitions: () => readonly Partition[];
  readonly log: Log;
}

interface Listener {
  readonly tell: (event: MeshEvent) => void;
}

const none: ReadonlySet<string> = new Set();

export function createWatchers(options: WatchersOptions): Watchers {
  const { self, membership, directory, views } = options;
  const listeners = new Set<Listener>();
  /** What has been told is there. Every event is a difference to this, so nothing is told twice or forgotten. */
  const shown = new Map<NodeId, Map<string, ServiceEntry>>();
  const queue: { readonly event: MeshEvent; readonly to: readonly Listener[] }[] = [];
  let telling = false;

  /** In order and one at a time, also when a listener causes the next change. */
  function tell(events: readonly MeshEvent[], to: readonly Listener[] = [...listeners]): void {
    for (const event of events) queue.push({ event, to });
    if (telling) return;
    telling = true;
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      for (const listener of next.to) if (listeners.has(listener)) tellOne(listener, next.event);
    }
    telling = false;
  }

  function tellOne(listener: Listener, event: MeshEvent): void {
    try {
      listener.tell(event);
    } catch (error) {
      options.log.error('a listener threw where it must not', { event: event.type, error });
    }
  }

  function memberOf(node: NodeId): Member | undefined {
    return node === self ? membership.self() : membership.get(node);
  }

  function entriesOf(node: NodeId): Map<string, ServiceEntry> {
    const member = memberOf(node);
    const entries = new Map<string, ServiceEntry>();
    if (member === undefined || !isPresent(member.state)) return entries;
    for (const entry of directory.get(node)?.services ?? [])
      if (!entries.has(entry.name)) entries.set(entry.name, entry);
    return entries;
  }

  /**
   * Watchers know an instance by its node's name. A node that comes back without its disk has another id and for a moment
   * two nodes bear one name: whichever goes, the name still has the instance of the other.
   */
  function namesakeServing(node: NodeId, service: string): MeshEvent | undefined {
    const name = memberOf(node)?.name;
    for (const [id, entries] of shown) {
      const entry = entries.get(service);
      if (entry === undefined || id === node || memberOf(id)?.name !== name) continue;
      return { type: 'instance-changed', service, instance: views.instance(id, service, entry) };
    }
    return undefined;
  }

  /**
   * Tells how the instances of a node differ from what was told. Of those that were there before and still are, `changed`
   * are told too: all when the node's own state has changed, which each of them shows.
   */
  function compare(node: NodeId, changed: ReadonlySet<string> | 'all'): void {
    const before = shown.get(node);
    if (before === undefined) return;
    const now = entriesOf(node);
    const next = new Map(now);
    // What is shown is settled before anybody is told: a listener may cause the next change.
    shown.set(node, next);
    const events: MeshEvent[] = [];
    for (const [service, entry] of before) {
      if (now.has(service)) continue;
      const left = namesakeServing(node, service);
      events.push(left ?? { type: 'instance-gone', service, instance: views.instance(node, service, entry) });
    }
    for (const [service, entry] of now) {
      const known = before.get(service);
      const isChanged = changed === 'all' || (changed.has(service) && known !== entry);
      if (known !== undefined && !isChanged) {
        // Its record may be newer, and the directory's word of that still to come.
        next.set(service, known);
        continue;
      }
      const isNew = known === undefined && namesakeServing(node, service) === undefined;
      const type = isNew ? 'instance-up' : 'instance-changed';
      events.push({ type, service, instance: views.instance(node, service, entry) });
    }
    tell(events);
  }

  function isIdle(): boolean {
    if (listeners.size === 0) shown.clear();
    return listeners.size === 0;
  }

  function drain(): void {
    const drained = directory.drain();
    if (drained.length === 0) return;
    const changes = new Map<NodeId, Set<string>>();
    for (const { node, service } of drained) {
      const services = changes.get(node) ?? new Set();
      changes.set(node, services.add(service));
    }
    if (!isIdle()) for (const [node, services] of changes) compare(node, services);
  }

  function snapshot(): MeshEvent[] {
    const members = [membership.self(), ...membership.members()].filter(({ state }) => state !== 'left');
    for (const { id } of members) if (!shown.has(id)) shown.set(id, entriesOf(id));
    const nodes = views.nodes().nodes.filter(({ state }) => state !== 'left');
    const services = views.services().services.flatMap(({ name, instances }) => {
      // Of namesakes one is shown, and the one that is up rather than the one that is doubted.
      const byNode = new Map<string, MeshEvent>();
      for (const instance of instances) {
        if (instance.state !== 'up' && byNode.has(instance.node)) continue;
        byNode.set(instance.node, { type: 'instance-up', service: name, instance });
      }
      return [...byNode.values()];
    });
    const parted = options.partitions().map((it): MeshEvent => ({ type: 'parted', partition: views.partition(it) }));
    return [
      ...nodes.map((node): MeshEvent => ({ type: 'node-joined', node })),
      ...services,
      ...parted,
      { type: 'ready' },
    ];
  }

  return {
    add(given) {
      // Others are told first what the snapshot will hold.
      drain();
      const listener: Listener = { tell: given };
      const events = snapshot();
      listeners.add(listener);
      tell(events, [listener]);
      return () => void listeners.delete(listener);
    },
    onMember(member, previous) {
      if (isIdle()) return;
      const { id } = member;
      const isShown = shown.has(id);
      if (member.state === 'left') {
        if (!isShown) return;
        compare(id, none);
        shown.delete(id);
        tell([{ type: 'node-gone', node: views.node(member) }]);
        return;
      }
      if (!isShown) shown.set(id, new Map());
      // The last thing told of an instance is never that of a node that is not there.
      if (!isPresent(member.state)) compare(id, none);
      tell([{ type: isShown ? 'node-changed' : 'node-joined', node: views.node(member) }]);
      compare(id, member.state === previous ? none : 'all');
    },
    onForgotten(member) {
      if (isIdle() || !shown.has(member.id)) return;
      compare(member.id, none);
      shown.delete(member.id);
      tell([{ type: 'node-gone', node: views.node(member) }]);
    },
    announce: (event) => tell([event]),
    onDirectory: drain,
  };
}
