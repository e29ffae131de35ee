import { join, type Mesh, type MessageOptions } from 'fogata';
import { untilFound } from '../programs/fogata-place.ts';
import { peerPackage } from '../programs/peer-package.ts';
import { instances, type SystemName } from './scene.ts';
import type { SystemPlaces } from './system-places.ts';

/** Does one piece of work somewhere; false: what the caller got is an error. `at`: for the oracle, who says where. */
export type Call = (at: string) => Promise<boolean>;

/** As each system's own users write it: an idempotent request, and what the library does about failures by itself. */
export async function callerOf(system: SystemName, places: SystemPlaces): Promise<Call> {
  if (places.kind === 'fogata') return fogataCall(system, await fogataCaller(places));
  if (places.kind === 'moleculer') return moleculerCall(system, places);
  const { Requester } = peerPackage('cote') as {
    readonly Requester: new (a: unknown, b: unknown) => { send(request: object): Promise<unknown> };
  };
  const requester = new Requester({ name: 'caller', key: places.key }, places.discovery);
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  return () => succeeds(requester.send({ type: 'run' }));
}

async function fogataCaller({ cluster, ports, beaconPort }: SystemPlaces & { kind: 'fogata' }): Promise<Mesh> {
  const mesh = await join({ name: 'caller', cluster, port: ports[0] ?? 0, beaconPort });
  await untilFound('all instances', async () => {
    const { services } = await mesh.services();
    return services.find(({ name }) => name === 'work')?.instances.length === instances.length;
  });
  return mesh;
}

function fogataCall(system: SystemName, mesh: Mesh): Call {
  const options: MessageOptions = { idempotent: true, ...optionsOf(system) };
  const isOracle = system === 'oracle';
  return async (at) => {
    const { outcome } = await mesh.call(isOracle ? `work@${at}` : 'work', 'RUN', options);
    return outcome === 'answered';
  };
}

function optionsOf(system: SystemName): MessageOptions {
  if (system === 'fogata hedged') return { hedge: true };
  if (system === 'fogata round-robin') return { strategy: 'round-robin' };
  return system === 'fogata random' ? { strategy: 'random' } : {};
}

async function moleculerCall(system: SystemName, { ports, urls }: SystemPlaces & { kind: 'moleculer' }): Promise<Call> {
  const { ServiceBroker } = peerPackage('moleculer') as {
    readonly ServiceBroker: new (
      options: unknown,
    ) => {
      start(): Promise<void>;
      waitForServices(names: readonly string[], timeoutMs: number): Promise<unknown>;
      call(action: string): Promise<unknown>;
    };
  };
  const broker = new ServiceBroker({
    nodeID: 'caller',
    logger: false,
    transporter: { type: 'TCP', options: { udpDiscovery: false, port: ports[0], urls } },
    registry: { strategy: system.split(' ')[1] },
    requestTimeout: 10_000,
  });
  await broker.start();
  await broker.waitForServices(['work'], 30_000);
  await new Promise((resolve) => setTimeout(resolve, 12_000));
  return () => succeeds(broker.call('work.run'));
}

function succeeds(promise: Promise<unknown>): Promise<boolean> {
  return promise.then(
    () => true,
    () => false,
  );
}
