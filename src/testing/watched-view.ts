import type { MeshEvent } from '../api/mesh-event.ts';
import type { InstanceView, NodeView } from '../api/views.ts';
import type { FogataNode } from '../node/node.ts';

/** A watcher that believes what it is told, and nothing else. */
export interface WatchedView {
  readonly nodes: ReadonlyMap<string, string>;
  readonly instances: ReadonlyMap<string, string>;
  readonly faults: readonly string[];
}

/** Follows a node's events from now on. */
export function watchNode(node: FogataNode): WatchedView {
  const nodes = new Map<string, string>();
  const instances = new Map<string, string>();
  const faults: string[] = [];

  function fault(text: string): void {
    if (faults.length < 8) faults.push(text);
  }

  node.watch((event: MeshEvent) => {
    switch (event.type) {
      case 'ready':
      case 'parted':
      case 'healed':
        return;
      case 'node-joined':
      case 'node-changed': {
        const known = nodes.has(event.node.id);
        if (known === (event.type === 'node-joined')) fault(`${event.type} of ${event.node.name}, known: ${known}`);
        nodes.set(event.node.id, showNode(event.node));
        return;
      }
      case 'node-gone':
        if (!nodes.delete(event.node.id)) fault(`node-gone of ${event.node.name}, who was not there`);
        return;
      case 'instance-up':
      case 'instance-changed': {
        const key = `${event.service}@${event.instance.node}`;
        const known = instances.has(key);
        if (known === (event.type === 'instance-up')) fault(`${event.type} of ${key}, known: ${known}`);
        instances.set(key, showInstance(event.instance));
        return;
      }
      case 'instance-gone':
        if (!instances.delete(`${event.service}@${event.instance.node}`)) {
          fault(`instance-gone of ${event.service}@${event.instance.node}, which was not there`);
        }
    }
  });
  return { nodes, instances, faults };
}

/** How the view differs from the node's own tables; empty when it does not. */
export function compareWatched(view: WatchedView, node: FogataNode): string[] {
  // Who has left is remembered for a while, but gone for those who watch.
  const there = node.nodesView().nodes.filter(({ state }) => state !== 'left');
  const nodes = new Map(there.map((one) => [one.id, showNode(one)]));
  const instances = new Map<string, string>();
  for (const { name, instances: list } of node.servicesView().services) {
    for (const one of list) instances.set(`${name}@${one.node}`, showInstance(one));
  }
  return [
    ...view.faults,
    ...differences('node', view.nodes, nodes),
    ...differences('instance', view.instances, instances),
  ];
}

function differences(what: string, told: ReadonlyMap<string, string>, held: ReadonlyMap<string, string>): string[] {
  const found: string[] = [];
  for (const [key, value] of held) {
    const said = told.get(key);
    if (said !== value) found.push(`${what} ${key}: watchers were told ${said ?? 'nothing'}, the table has ${value}`);
  }
  for (const [key, value] of told) {
    if (!held.has(key)) found.push(`${what} ${key}: watchers were told ${value}, the table has nothing`);
  }
  return found;
}

function showNode({ name, state }: NodeView): string {
  return `${name} ${state}`;
}

function showInstance({ state, labels }: InstanceView): string {
  return `${state} ${JSON.stringify(labels)}`;
}
