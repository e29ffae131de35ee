import type { MeshEvent } from '../api/mesh-event.ts';
import type { Directory } from '../directory/directory.ts';
import type { Member } from '../membership/member.ts';
import type { Membership } from '../membership/membership.ts';
import type { MemberState } from '../protocol/member-update.ts';
import type { NodeId } from '../protocol/ids.ts';
import type { ServiceEntry } from '../protocol/service-entry.ts';
import { isPresent, type NodeViews } from './node-views.ts';

/**
 * Tells watchers what changes, each change exactly once. An instance is visible while its node is neither dead nor gone,
 * so the death of a node is `node-changed` and one `instance-gone` for each of its services.
 */
export interface Watchers {
  add(listener: (event: MeshEvent) => void): () => void;
  onMember(member: Member, previous: MemberState | undefined): void;
  onForgotten(member: Member): void;
  /** Drains the directory's changes and tells them. */
  onDirectory(): void;
}

export interface WatchersOptions {
  readonly self: NodeId;
  readonly membership: Membership;
  readonly directory: Directory;
  readonly views: NodeViews;
}

export function createWatchers(options: WatchersOptions): Watchers {
  const { self, membership, directory, views } = options;
  const listeners = new Set<(event: MeshEvent) => void>();

  function tell(event: MeshEvent): void {
    for (const listener of listeners) listener(event);
  }

  function isThere(node: NodeId): boolean {
    if (node === self) return true;
    const member = membership.get(node);
    return member !== undefined && isPresent(member.state);
  }

  function entriesOf(node: NodeId): readonly ServiceEntry[] {
    return directory.get(node)?.services ?? [];
  }

  function tellInstances(type: 'instance-up' | 'instance-changed' | 'instance-gone', node: NodeId): void {
    for (const entry of entriesOf(node)) {
      tell({ type, service: entry.name, instance: views.instance(node, entry.name, entry) });
    }
  }

  return {
    add(listener) {
      for (const node of views.nodes().nodes) listener({ type: 'node-joined', node });
      for (const { name, instances } of views.services().services) {
        for (const instance of instances) listener({ type: 'instance-up', service: name, instance });
      }
      listener({ type: 'ready' });
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    onMember(member, previous) {
      if (listeners.size === 0) return;
      const before = previous !== undefined && isPresent(previous);
      const now = isPresent(member.state);
      const node = views.node(member);
      if (before && !now) tellInstances('instance-gone', member.id);
      if (previous === undefined) tell({ type: 'node-joined', node });
      else tell({ type: member.state === 'left' && before ? 'node-gone' : 'node-changed', node });
      if (!before && now) tellInstances('instance-up', member.id);
      else if (now && previous !== member.state) tellInstances('instance-changed', member.id);
    },
    onForgotten(member) {
      if (member.state !== 'left') tell({ type: 'node-gone', node: views.node(member) });
    },
    onDirectory() {
      for (const { service, node, previous, entry } of directory.drain()) {
        if (listeners.size === 0 || !isThere(node)) continue;
        if (entry !== undefined) {
          const type = previous === undefined ? 'instance-up' : 'instance-changed';
          tell({ type, service, instance: views.instance(node, service, entry) });
        } else if (previous !== undefined) {
          tell({ type: 'instance-gone', service, instance: views.instance(node, service, previous) });
        }
      }
    },
  };
}
