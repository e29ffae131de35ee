import { join } from 'node:path';
import { clientsOf, type System } from './cast.ts';
import type { Stage } from './stage.ts';

/** Of its own, for where the bench has no network of its own. */
const coteGroup = '239.192.74.99';

async function startNatsServer(stage: Stage): Promise<number> {
  const port = await stage.port();
  const where = ['--addr', '127.0.0.1', '--port', String(port), '--pid', join(stage.folder, 'nats.pid')];
  await stage.command('nats-server', where, /Server is ready/);
  return port;
}

/** What users would take else, each as its own users write it. */
export const peerSystems: readonly System[] = [
  {
    name: 'nats',
    note: 'nats-server and its Node client with noAsyncTraces; `send` has no outcome there',
    verbs: ['call', 'send', 'publish'],
    heavy: true,
    async start(stage, needs) {
      const settings = { port: await startNatsServer(stage), subscribers: needs.subscribers };
      const receiver = await stage.program('nats', { ...settings, role: 'server' });
      const clients = await clientsOf(needs, () => stage.program('nats', { ...settings, role: 'client' }));
      return { clients, receiver };
    },
  },
  {
    name: 'moleculer',
    note: 'its TCP transporter, JSON; nodes listed, nothing to find',
    verbs: ['call'],
    heavy: true,
    async start(stage, needs) {
      const names = ['server', ...Array.from({ length: needs.clients }, (_, i) => `client-${i}`)];
      const nodes: { name: string; port: number }[] = [];
      for (const name of names) nodes.push({ name, port: await stage.port() });
      const urls = nodes.map(({ name, port }) => `127.0.0.1:${port}/${name}`);
      await stage.program('moleculer', { ...nodes[0], urls, role: 'server' });
      const clients = await clientsOf(needs, (i) =>
        stage.program('moleculer', { ...nodes[i + 1], urls, role: 'client' }),
      );
      return { clients, receiver: undefined };
    },
  },
  {
    name: 'cote',
    note: 'requester and responder, JSON; found by multicast',
    verbs: ['call'],
    heavy: true,
    async start(stage, needs) {
      const key = stage.folder;
      const discovery = { multicast: coteGroup };
      await stage.program('cote', { role: 'server', key, discovery });
      const clients = await clientsOf(needs, () => stage.program('cote', { role: 'client', key, discovery }));
      return { clients, receiver: undefined };
    },
  },
  {
    name: 'zeromq',
    note: 'DEALER to ROUTER over TCP',
    verbs: ['call'],
    heavy: true,
    async start(stage, needs) {
      const server = await stage.program('zeromq', { role: 'server', address: 'tcp://127.0.0.1:*' });
      const settings = { role: 'client', address: server.facts };
      const clients = await clientsOf(needs, () => stage.program('zeromq', settings));
      return { clients, receiver: undefined };
    },
  },
];
