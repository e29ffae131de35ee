import { createServer } from 'node:net';
import { instances, type SystemName } from './scene.ts';

/** Where the processes of one run find each other. */
export type SystemPlaces =
  | {
      readonly kind: 'fogata';
      readonly cluster: string;
      readonly ports: readonly number[];
      readonly beaconPort: number;
    }
  | { readonly kind: 'moleculer'; readonly ports: readonly number[]; readonly urls: readonly string[] }
  | { readonly kind: 'cote'; readonly key: string; readonly discovery: object };

/** The caller's port first, then one for each instance. */
export async function placesOf(system: SystemName): Promise<SystemPlaces> {
  const ports: number[] = [];
  for (let count = 0; count <= instances.length; count++) ports.push(await freePort());
  if (system === 'cote') {
    const quiet = { log: false, statusLogsEnabled: false, helloLogsEnabled: false };
    return { kind: 'cote', key: `selection-${process.pid}`, discovery: { ...quiet, multicast: '239.192.74.98' } };
  }
  if (system.startsWith('moleculer')) {
    const names = ['caller', ...instances.map(({ name }) => name)];
    return { kind: 'moleculer', ports, urls: names.map((name, at) => `127.0.0.1:${ports[at]}/${name}`) };
  }
  return { kind: 'fogata', cluster: `selection-${process.pid}`, ports, beaconPort: await freePort() };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
