import { describe, expect, it } from 'vitest';
import { writeBeacon } from '../../src/protocol/beacon.ts';
import { clusterTag } from '../../src/protocol/cluster-tag.ts';
import { encodeDatagram } from '../../src/protocol/datagram.ts';
import { beaconGroupIpv4 } from '../../src/protocol/limits.ts';
import { versionsSpoken } from '../../src/protocol/version.ts';
import { Writer } from '../../src/protocol/writer.ts';
import type { Runtime } from '../../src/runtime/runtime.ts';
import type { SecureDial } from '../../src/runtime/streams.ts';
import { linkSecret } from '../../src/trust/derive.ts';
import { createHeardKeys } from '../../src/trust/heard-keys.ts';
import { createKeyRing } from '../../src/trust/key-ring.ts';
import { newRing, type RingState } from '../../src/trust/ring-state.ts';
import { createSealedEnvelope } from '../../src/trust/sealed-envelope.ts';
import { type ObservedSocket, observeSocket } from '../testing/datagram-observer.ts';
import { clusterName, createSealedBed, firstRing, gently, type SealedBed } from './sealed-bed.ts';

const nodePort = 7472;
const beaconPort = 7470;

/** A host on the same LAN that hears what the switch sends it, and has recorded everything besides. */
interface Intruder {
  readonly runtime: Runtime;
  readonly socket: ObservedSocket;
  /** To every node's port, and to all by multicast. */
  shout(bytes: Uint8Array): void;
}

async function letIn({ cluster }: SealedBed): Promise<Intruder> {
  const process = cluster.world.host('intruder').start('tool');
  const [mine] = process.runtime.interfaces.list().filter(({ internal }) => !internal);
  const multicastInterface = mine?.address;
  const socket = await cluster.world.complete(observeSocket(process, { port: nodePort, multicastInterface }));
  return {
    runtime: process.runtime,
    socket,
    shout(bytes) {
      for (const { host } of cluster.nodes) socket.socket.send(bytes, { address: host.address(), port: nodePort });
      socket.socket.send(bytes, { address: beaconGroupIpv4, port: beaconPort });
    },
  };
}

/** The goodbye that each node would say now. */
function goodbyes({ cluster }: SealedBed): Uint8Array[] {
  return cluster.live.flatMap(({ node, name }) => {
    if (node === undefined) return [];
    const { id, incarnation } = node.status();
    const writer = new Writer();
    writeBeacon(writer, {
      ...versionsSpoken,
      node: id,
      incarnation,
      sequence: 4_000_000,
      leaving: true,
      seeking: false,
      nodePort,
      nodeName: name,
      clusterName,
      recordVersion: 1,
      hostLoad: undefined,
      services: [],
    });
    return [writer.copy()];
  });
}

/** Seals with a ring that is not the cluster's, or is not any more. */
function forger(ring: RingState, { clock, random, storage }: Runtime, { cluster }: SealedBed) {
  const self = cluster.nodes[0]?.node?.id;
  if (self === undefined) throw new Error('the first node is up');
  const keys = createKeyRing(ring, storage);
  const startMs = Math.floor(clock.wallTime());
  return createSealedEnvelope({ ring: keys, clock, random, self, startMs, heardKeys: createHeardKeys(keys, random) });
}

const counted = ({ cluster }: SealedBed, name: string) =>
  cluster.live.reduce((sum, { node }) => {
    const status = node?.status();
    return sum + (status?.counters[`ignored.${name}`] ?? 0) + (status?.discovery.ignored[name] ?? 0);
  }, 0);

/** Notes every change of state or address of a member that anybody sees from now on. */
function noteChanges({ cluster }: SealedBed): string[] {
  const changes: string[] = [];
  for (const { node, name } of cluster.live) {
    const rows = new Map<string, string>();
    let isReady = false;
    node?.watch((event) => {
      if (event.type === 'ready') isReady = true;
      if (!('node' in event)) return;
      const row = `${event.type === 'node-gone' ? 'gone' : event.node.state} at ${event.node.address}`;
      const before = rows.get(event.node.id);
      rows.set(event.node.id, row);
      if (isReady && row !== before) changes.push(`${name}: ${event.node.name} was ${before}, is ${row}`);
    });
  }
  return changes;
}

describe('an intruder on the LAN', () => {
  it('[K5] [K9] moves nothing with what it has recorded', async () => {
    const bed = createSealedBed('recorded', 6);
    const { cluster, recorded } = bed;
    const { world } = cluster;
    cluster.startAll();
    expect(await bed.formed()).toBe(true);
    await world.runFor(3_000);
    // One says goodbye and comes back, one forgets all that it has seen.
    await world.complete(cluster.nodes[3]?.stop() ?? Promise.resolve());
    cluster.nodes[3]?.crash();
    await world.runFor(1_000);
    cluster.nodes[2]?.crash();
    await world.runFor(5_000);
    cluster.nodes[2]?.start();
    cluster.nodes[3]?.start();
    await world.runFor(1_000);
    expect(await bed.formed()).toBe(true);
    await world.runFor(10_000);

    const tape = recorded.splice(0);
    const intruder = await letIn(bed);
    const changes = noteChanges(bed);
    for (const { bytes } of tape) {
      intruder.shout(bytes);
      await world.runFor(2);
    }
    await world.runFor(5_000);
    expect(changes).toEqual([]);
    expect(counted(bed, 'replayed')).toBeGreaterThan(tape.length);
    expect(await bed.formed()).toBe(true);
  });

  it('[K9] says goodbye for others in vain: open, by another key, by one that was removed', async () => {
    const bed = createSealedBed('goodbyes', 6);
    const { world } = bed.cluster;
    bed.cluster.startAll();
    expect(await bed.formed()).toBe(true);
    const keys = bed.keys(0);
    const { key } = await world.complete(keys.add(undefined, gently));
    await world.complete(keys.use(key ?? '', gently));
    await world.complete(keys.remove(firstRing.inUse, gently));
    await world.runFor(3_000);

    const intruder = await letIn(bed);
    const changes = noteChanges(bed);
    const old = forger(firstRing, intruder.runtime, bed);
    const other = forger(newRing(clusterName, new Uint8Array(32).fill(66), 1), intruder.runtime, bed);
    for (let round = 0; round < 20; round++) {
      for (const goodbye of goodbyes(bed)) {
        intruder.shout(encodeDatagram(clusterTag(clusterName), goodbye));
        intruder.shout(old.seal(goodbye));
        intruder.shout(other.seal(goodbye));
      }
      await world.runFor(500);
    }
    expect(changes).toEqual([]);
    // Each to the port of each of six nodes, and to all of them by multicast.
    const shouted = 20 * 6 * 6;
    expect(counted(bed, 'not-sealed')).toBeGreaterThanOrEqual(shouted);
    expect(counted(bed, 'unknown-key')).toBeGreaterThanOrEqual(2 * shouted);
    expect(intruder.socket.heard).toEqual([]);
    expect(await bed.formed()).toBe(true);
  });

  it('[K6] gets no link without a valid key', async () => {
    const bed = createSealedBed('links', 4);
    const { world } = bed.cluster;
    bed.cluster.startAll();
    expect(await bed.formed()).toBe(true);
    // Who was heard from a link-local address first is reached where it says it is a moment later.
    await world.runFor(3_000);
    const intruder = await letIn(bed);
    const changes = noteChanges(bed);
    const psk = linkSecret(new Uint8Array(32).fill(66), clusterName);
    const attempts: (SecureDial | undefined)[] = [
      undefined,
      { identity: firstRing.inUse, psk },
      { identity: '0123456789abcdef', psk },
      { identity: 'invite:0123456789abcdef', psk },
    ];
    const address = bed.cluster.nodes[1]?.host.address() ?? '';
    for (const secure of attempts) {
      const heard: Uint8Array[] = [];
      const closed = new Promise<Error | undefined>((resolve) => {
        const stream = intruder.runtime.streams.connect({ address, port: nodePort }, secure);
        stream.start({
          onConnect: () => void stream.write(new Uint8Array(64)),
          onData: (bytes) => void heard.push(bytes.slice()),
          onDrain() {},
          onEnd() {},
          onClose: resolve,
        });
      });
      expect((await world.complete(closed))?.message).toMatch(/another key|no key/);
      expect(heard).toEqual([]);
    }
    expect(bed.node(1).status().counters['refusedLinks']).toBe(attempts.length);
    expect(changes).toEqual([]);
  });
});
