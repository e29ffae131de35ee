import { textOf } from './body-of.ts';
import { keepInFlight } from './keep-in-flight.ts';
import { peerPackage } from './peer-package.ts';
import { play } from './player.ts';

interface Broker {
  createService(schema: unknown): unknown;
  start(): Promise<void>;
  waitForServices(names: readonly string[], timeoutMs: number): Promise<unknown>;
  call(action: string, params: unknown): Promise<unknown>;
}

interface Moleculer {
  readonly ServiceBroker: new (options: unknown) => Broker;
}

interface Settings {
  readonly name: string;
  readonly port: number;
  /** All nodes, as `HOST:PORT/NAME`: nothing has to be found. */
  readonly urls: readonly string[];
  readonly role: 'client' | 'server';
}

await play(async ({ name, port, urls, role }: Settings) => {
  const { ServiceBroker } = peerPackage('moleculer') as Moleculer;
  const transporter = { type: 'TCP', options: { udpDiscovery: false, port, urls } };
  const broker = new ServiceBroker({ nodeID: name, logger: false, transporter });
  if (role === 'server') {
    const actions = { echo: (context: { readonly params: { readonly body: string } }) => context.params.body };
    broker.createService({ name: 'echo', actions });
    await broker.start();
    return { player: {} };
  }
  await broker.start();
  await broker.waitForServices(['echo'], 30_000);
  return {
    player: {
      perform({ depth, ms, bodyBytes }) {
        const body = textOf(bodyBytes);
        return keepInFlight(depth, ms, () => broker.call('echo.echo', { body }));
      },
    },
  };
});
