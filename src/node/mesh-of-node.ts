import type { Mesh } from '../api/mesh.ts';
import { type MeshTools, meshOver } from '../api/mesh-over.ts';
import type { MeshPort } from '../api/mesh-port.ts';
import type { FogataNode } from './node.ts';
import { openAttempts } from './open-attempts.ts';

/** The programs' view of a node in this process. Closing it stops the node. */
export function meshOfNode(node: FogataNode, tools: MeshTools): Mesh {
  const port: MeshPort = {
    self: { id: node.id, name: node.name, cluster: node.cluster },
    exchange: (request, settle) => node.exchange(request, settle),
    publish: (request, settle) => node.publish(request, settle),
    open: (request, events) => openAttempts(node, tools.clock, request, events),
    provide: async (service, provider, options) => node.provide(service, provider, options),
    watch: (listener) => node.watch(listener),
    nodes: async () => node.nodesView(),
    services: async () => node.servicesView(),
    resolve: async (to, wish) => node.explain(to, wish),
    stop: (graceMs) => node.stop(graceMs),
  };
  return meshOver(port, tools);
}
