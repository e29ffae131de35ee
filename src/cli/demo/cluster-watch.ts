import type { Mesh } from '../../api/mesh.ts';
import type { InstanceView, NodeView } from '../../api/views.ts';
import type { Clock } from '../../runtime/clock.ts';

/** What the ERP's agent knows of the others, as it changes. */
export interface ClusterWatch {
  node(name: string): NodeView | undefined;
  instance(service: string, node: string): InstanceView | undefined;
  /** When this node or one of its instances first changed after `time`, monotonic; undefined: not yet. */
  changedSince(name: string, time: number): number | undefined;
}

/** Follows the mesh until it is closed. */
export function watchCluster(mesh: Mesh, clock: Clock): ClusterWatch {
  const nodes = new Map<string, NodeView>();
  const instances = new Map<string, InstanceView>();
  const changes: { readonly name: string; readonly at: number }[] = [];
  const follow = async (): Promise<void> => {
    for await (const event of mesh.watch()) {
      if (event.type === 'ready' || 'partition' in event) continue;
      if ('node' in event) {
        const before = nodes.get(event.node.name)?.state;
        if (event.type === 'node-gone') nodes.delete(event.node.name);
        else nodes.set(event.node.name, event.node);
        if (before !== nodes.get(event.node.name)?.state) changes.push({ name: event.node.name, at: clock.now() });
        continue;
      }
      const key = `${event.service}@${event.instance.node}`;
      const before = instances.get(key)?.state;
      if (event.type === 'instance-gone') instances.delete(key);
      else instances.set(key, event.instance);
      if (before !== instances.get(key)?.state) changes.push({ name: event.instance.node, at: clock.now() });
    }
  };
  // It ends with the mesh, and a reader this fast never falls behind.
  void follow().catch(() => undefined);
  return {
    node: (name) => nodes.get(name),
    instance: (service, node) => instances.get(`${service}@${node}`),
    changedSince: (name, time) => changes.find((change) => change.name === name && change.at > time)?.at,
  };
}
