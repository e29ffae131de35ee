import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { RawPlace } from '../programs/raw-socket.ts';
import { type Cast, clientsOf, type Needs, type System } from './cast.ts';
import type { Stage } from './stage.ts';

/** `between`: how the two forwarders speak to each other. */
async function chain(stage: Stage, needs: Needs, between: Pick<RawPlace, 'psk'>): Promise<Cast> {
  const near: RawPlace = { path: join(stage.folder, 'near.sock') };
  const far: RawPlace = { path: join(stage.folder, 'far.sock') };
  await stage.program('raw-server', far);
  const second = await stage.program('raw-forwarder', { listen: between, to: far });
  await stage.program('raw-forwarder', { listen: near, to: { ...between, port: second.facts } });
  const clients = await clientsOf(needs, () => stage.program('raw-client', near));
  return { clients, receiver: undefined };
}

/** What can be had without a message system: length, tag, body. */
export const rawSystems: readonly System[] = [
  {
    name: 'tcp',
    note: 'raw TCP, length-prefixed, one write per turn',
    verbs: ['call', 'send', 'bulk'],
    heavy: false,
    async start(stage, needs) {
      const server = await stage.program('raw-server', {});
      const clients = await clientsOf(needs, () => stage.program('raw-client', { port: server.facts }));
      return { clients, receiver: undefined };
    },
  },
  {
    name: 'unix',
    note: 'the same over a Unix socket',
    verbs: ['call', 'send', 'bulk'],
    heavy: false,
    async start(stage, needs) {
      const place = { path: join(stage.folder, 'raw.sock') };
      await stage.program('raw-server', place);
      const clients = await clientsOf(needs, () => stage.program('raw-client', place));
      return { clients, receiver: undefined };
    },
  },
  {
    name: 'tls',
    note: 'the same over TLS 1.3 with a key known before',
    verbs: ['bulk'],
    heavy: false,
    async start(stage, needs) {
      const psk = randomBytes(32).toString('hex');
      const server = await stage.program('raw-server', { psk });
      const place = { port: server.facts as number, psk };
      const clients = await clientsOf(needs, () => stage.program('raw-client', place));
      return { clients, receiver: undefined };
    },
  },
  {
    name: 'chain',
    note: 'the same through two forwarders: Unix socket, TCP, Unix socket, as a program, two agents and a program',
    verbs: ['call', 'send', 'bulk'],
    heavy: false,
    start: (stage, needs) => chain(stage, needs, {}),
  },
  {
    name: 'chain-tls',
    note: 'the chain with TLS between its forwarders, as between the agents of a cluster with a key',
    notQuick: 'call',
    verbs: ['call', 'bulk'],
    heavy: false,
    start: (stage, needs) => chain(stage, needs, { psk: randomBytes(32).toString('hex') }),
  },
];
