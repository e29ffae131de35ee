import { expect, it } from 'vitest';
import type { Runtime } from '../../src/runtime/runtime.ts';
import { createVirtualCluster } from '../../src/testing/virtual-cluster.ts';

/** Ethernet, IP and UDP. */
const headers = { ipv4: 14 + 20 + 8, ipv6: 14 + 40 + 8 } as const;

interface Traffic {
  sent: number;
  received: number;
}

/** Counts what goes by datagram, with all headers, but for loopback. */
function counting(runtime: Runtime, traffic: Traffic): Runtime {
  const bytesOf = (bytes: Uint8Array, address: string): number => {
    if (address.startsWith('127.') || address === '::1') return 0;
    return bytes.length + headers[address.includes(':') ? 'ipv6' : 'ipv4'];
  };
  return {
    ...runtime,
    datagrams: {
      async open(options) {
        const isLoopback = options.address.startsWith('127.') || options.address === '::1';
        const socket = await runtime.datagrams.open({
          ...options,
          onDatagram(bytes, from) {
            traffic.received += bytesOf(bytes, from.address);
            options.onDatagram(bytes, from);
          },
        });
        return {
          ...socket,
          send(bytes, to) {
            traffic.sent += isLoopback ? 0 : bytesOf(bytes, to.address);
            socket.send(bytes, to);
          },
        };
      },
    },
  };
}

it.each([
  [3, 800],
  [32, 800],
])('a node of %i at rest sends and receives less than %i B/s by datagram', async (count, most) => {
  const traffic: Traffic = { sent: 0, received: 0 };
  const cluster = createVirtualCluster({
    nodes: count,
    seed: 'rest',
    runtimeOf: (runtime) => counting(runtime, traffic),
  });
  cluster.startAll(500);
  const isWhole = () => cluster.nodes.every(({ node }) => node?.nodesView().nodes.length === count);
  expect(await cluster.world.runUntil(isWhole, 20_000)).toBe(true);
  await cluster.world.runFor(60_000);
  traffic.sent = traffic.received = 0;
  const seconds = 30;
  await cluster.world.runFor(seconds * 1_000);
  const perSecond = { sent: traffic.sent / seconds / count, received: traffic.received / seconds / count };
  expect(perSecond.sent).toBeGreaterThan(100);
  expect(perSecond.sent).toBeLessThan(most);
  expect(perSecond.received).toBeLessThan(most);
});
