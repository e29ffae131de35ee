import { describe, expect, it } from 'vitest';
import { openDnsFace } from '../../src/agent/dns/dns-face.ts';
import { createNode } from '../../src/node/create-node.ts';
import type { FogataNode } from '../../src/node/node.ts';
import type { VirtualProcess } from '../../src/testing/virtual-host.ts';
import { createWorld } from '../../src/testing/world.ts';
import { queryOf, readAnswer } from '../agent/zone-bed.ts';
import { replyOf } from '../delivery/delivery-bed.ts';

const where = { address: '127.0.0.1', port: 7473 };
const options = { cluster: 'site', id: undefined, open: true, port: 7472, beaconPort: 7470, seeds: [] };

/** A silent host is dead in about two seconds (docs/liveness.md); this one is busy besides. */
const forgottenMsMax = 4_000;

async function cluster(seed: number, size: number) {
  const world = createWorld({ seed });
  const hosts = Array.from({ length: size }, (_, i) => world.host(`h${i}`));
  const processes = hosts.map((host) => host.start());
  const nodes: FogataNode[] = [];
  for (const { host, runtime } of processes) {
    const node = await world.complete(createNode({ ...options, name: host.name, timing: 'lan' }, runtime));
    const zone = { names: node.names, agentHttp: [], random: () => runtime.random.next() };
    await world.complete(openDnsFace(runtime, where, zone));
    nodes.push(node);
  }
  for (const node of nodes) {
    const provider = {
      open: undefined,
      deliver: (_: unknown, respond: (reply: ReturnType<typeof replyOf>) => void) => {
        respond(replyOf({ outcome: 'delivered' }));
        return () => undefined;
      },
    };
    const kinds = { messages: true, http: false, streams: false };
    const endpoint = { address: '0.0.0.0', port: 80 };
    node.provide('web', provider, { kinds, weight: 100, labels: {}, inFlightMax: 10, endpoint });
  }

  /** Targets of the SRV records that one host is given, asked over its own loopback. */
  async function targets({ runtime }: VirtualProcess): Promise<string[]> {
    let answer: ReturnType<typeof readAnswer> | undefined;
    const bind = { address: '127.0.0.1', port: 0, shared: false, broadcast: false, multicastInterface: undefined };
    const onDatagram = (bytes: Uint8Array) => void (answer = readAnswer(bytes));
    const socket = await world.complete(runtime.datagrams.open({ ...bind, onDatagram, onError() {} }));
    socket.send(queryOf('_web._tcp.fogata', 'SRV'), where);
    await world.runFor(10);
    socket.close();
    if (answer === undefined) throw new Error('no answer');
    return answer.answers.map((line) => /web\.(\w+)\.node/.exec(line)?.[1] ?? line).sort();
  }

  return { world, hosts, processes, nodes, targets };
}

describe('names in a cluster', () => {
  it.each([1, 2, 3])('are the same everywhere, and without those who are gone: seed %i', async (seed) => {
    const { world, hosts, processes, nodes, targets } = await cluster(seed, 6);
    const names = hosts.map(({ name }) => name);
    expect(await world.runUntil(() => nodes.every((node) => node.names.places('web').length === 6), 20_000)).toBe(true);
    for (const process of processes) expect(await targets(process)).toEqual(names);
    hosts[5]?.powerOff();
    processes[4]?.kill();
    await world.runFor(forgottenMsMax);
    for (const process of processes.slice(0, 4)) expect(await targets(process)).toEqual(names.slice(0, 4));
    await world.complete(nodes[3]?.stop(0) ?? Promise.resolve());
    await world.runFor(500);
    for (const process of processes.slice(0, 3)) expect(await targets(process)).toEqual(names.slice(0, 3));
  });
});
