// One instance, of whichever system: settings come as the one argument, orders by IPC.
import { join } from 'fogata';
import { peerPackage } from '../programs/peer-package.ts';
import type { InstanceSpec } from './scene.ts';
import { exponential, seeded } from './seeded.ts';
import type { SystemPlaces } from './system-places.ts';

interface Settings {
  readonly spec: InstanceSpec;
  readonly places: SystemPlaces;
  readonly index: number;
  readonly seed: number;
}

const { spec, places, index, seed } = JSON.parse(process.argv[2] ?? '{}') as Settings;
const random = seeded(seed + index);
const waiting: (() => void)[] = [];
let running = 0;
let attempts = 0;

/** Resolves when a worker has done it. */
function work(): Promise<string> {
  attempts += 1;
  if (spec.fails) return Promise.reject(new Error('this instance fails'));
  return new Promise((resolve) => {
    waiting.push(() => {
      running += 1;
      setTimeout(
        () => {
          running -= 1;
          resolve(spec.name);
          waiting.shift()?.();
        },
        exponential(random, spec.meanMs),
      );
    });
    if (running < spec.workers) waiting.shift()?.();
  });
}

async function serve(): Promise<void> {
  if (places.kind === 'fogata') {
    const { cluster, ports, beaconPort } = places;
    const port = ports[index + 1] ?? 0;
    const mesh = await join({ name: spec.name, cluster, port, beaconPort, seeds: [`127.0.0.1:${ports[0]}`] });
    await mesh.serve('work', { RUN: async () => ({ body: await work() }) });
    return;
  }
  if (places.kind === 'moleculer') {
    const { ServiceBroker } = peerPackage('moleculer') as {
      readonly ServiceBroker: new (
        options: unknown,
      ) => { createService(schema: unknown): void; start(): Promise<void> };
    };
    const transporter = {
      type: 'TCP',
      options: { udpDiscovery: false, port: places.ports[index + 1], urls: places.urls },
    };
    const broker = new ServiceBroker({ nodeID: spec.name, logger: false, transporter });
    broker.createService({ name: 'work', actions: { run: work } });
    await broker.start();
    return;
  }
  const { Responder } = peerPackage('cote') as {
    readonly Responder: new (a: unknown, b: unknown) => { on(type: string, listener: () => Promise<unknown>): void };
  };
  new Responder({ name: spec.name, key: places.key }, places.discovery).on('run', work);
}

process.once('disconnect', () => process.exit(0));
process.on('message', () => process.send?.({ attempts }));
await serve();
process.send?.({ ready: true });
