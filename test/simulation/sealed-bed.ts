import type { ExchangeRequest } from '../../src/delivery/exchange-request.ts';
import type { DeliveryReply, Provider } from '../../src/delivery/provider.ts';
import type { Settlement } from '../../src/delivery/settlement.ts';
import type { FogataNode } from '../../src/node/node.ts';
import type { NodeKeyring } from '../../src/node/node-keyring.ts';
import type { SocketAddress } from '../../src/protocol/socket-address.ts';
import type { Runtime } from '../../src/runtime/runtime.ts';
import { createVirtualCluster, type VirtualCluster } from '../../src/testing/virtual-cluster.ts';
import { newRing, type RingState } from '../../src/trust/ring-state.ts';

export const service = 'payroll-service';
export const clusterName = 'quarry-cluster';
export const firstRing: RingState = newRing(clusterName, new Uint8Array(32).fill(9), 1_000);

/** How a step is taken when nobody insists. */
export const gently = { insist: false, without: [] } as const;

/** A datagram as it left a node. */
export interface Recorded {
  readonly bytes: Uint8Array;
  readonly to: SocketAddress;
}

/** A cluster with a key, every third node serving, and all datagrams recorded. */
export interface SealedBed {
  readonly cluster: VirtualCluster;
  readonly recorded: Recorded[];
  /** A call of the service. */
  call(at: number): Promise<Settlement>;
  node(index: number): FogataNode;
  keys(index: number): NodeKeyring;
  /** Runs until so many are up, see each other alive and know who serves; by default all. */
  formed(count?: number): Promise<boolean>;
}

const noBytes = new Uint8Array(0);

const answered: DeliveryReply = {
  outcome: 'answered',
  code: undefined,
  reason: '',
  params: {},
  bodyKind: 'none',
  body: noBytes,
};

const request: ExchangeRequest = {
  id: undefined,
  to: { service, node: '' },
  command: 'now',
  params: {},
  bodyKind: 'none',
  body: noBytes,
  replyWanted: true,
  idempotent: false,
  deadlineMs: 5_000,
  fromService: '',
};

export function createSealedBed(seed: string, nodes: number): SealedBed {
  const recorded: Recorded[] = [];
  const cluster: VirtualCluster = createVirtualCluster({
    seed,
    nodes,
    cluster: clusterName,
    ring: firstRing,
    runtimeOf: (runtime) => recording(runtime, recorded),
    onStarted(virtual, node) {
      if (cluster.nodes.indexOf(virtual) % 3 !== 0) return;
      const provider: Provider = {
        deliver(_delivery, respond) {
          respond({ ...answered, params: { by: virtual.name } });
          return () => undefined;
        },
        open: undefined,
      };
      node.provide(service, provider, {
        kinds: { messages: true, http: false, streams: false },
        weight: 100,
        labels: {},
        inFlightMax: 64,
      });
    },
  });

  function nodeAt(index: number): FogataNode {
    const node = cluster.nodes[index]?.node;
    if (node === undefined) throw new Error(`node ${index} is not up`);
    return node;
  }

  return {
    cluster,
    recorded,
    call: (at) => new Promise((resolve) => void nodeAt(at).exchange(request, resolve)),
    node: nodeAt,
    keys(index) {
      const { keys } = nodeAt(index);
      if (keys === undefined) throw new Error('a node of a sealed cluster has keys');
      return keys;
    },
    formed: (count = nodes) =>
      cluster.world.runUntil(() => {
        const { live } = cluster;
        if (live.length !== count) return false;
        return live.every(({ node }) => {
          const alive = node?.nodesView().nodes.filter(({ state }) => state === 'alive') ?? [];
          return alive.length === count && (node?.resolve(service).length ?? 0) > 0;
        });
      }, 30_000),
  };
}

/** The same runtime, whose datagrams are noted as they are sent. */
function recording(runtime: Runtime, recorded: Recorded[]): Runtime {
  return {
    ...runtime,
    datagrams: {
      async open(options) {
        const socket = await runtime.datagrams.open(options);
        return {
          get local() {
            return socket.local;
          },
          send(bytes, to) {
            recorded.push({ bytes: bytes.slice(), to });
            socket.send(bytes, to);
          },
          joinGroup: (group, at) => socket.joinGroup(group, at),
          leaveGroup: (group, at) => socket.leaveGroup(group, at),
          close: () => socket.close(),
        };
      },
    },
  };
}
