import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkSpecs } from '../src/agent/checks/check-specs.ts';
import type { Mesh } from '../src/api/mesh.ts';
import { type ForwardEvent, type ForwardedPort, forwardPort } from '../src/cli/forward-port.ts';
import { type AgentsBed, agentsBed, instancesOf } from './agent/agents-bed.ts';

let bed: AgentsBed;
const servers: Server[] = [];
const forwarded: ForwardedPort[] = [];
beforeEach(async () => {
  bed = await agentsBed();
});
afterEach(async () => {
  for (const port of forwarded.splice(0)) port.close();
  for (const server of servers.splice(0)) server.close();
  await bed.end();
});

async function listening<Kind extends Server>(server: Kind): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const targetOf = (service: string, url: string) => {
  const checks = checkSpecs({ service, url }, []);
  return { service, url, weight: 100, labels: {}, checks };
};

/** An agent that serves what listens on `port`, and another that does not. */
async function pair(port: number, scheme = 'tcp'): Promise<Mesh> {
  await bed.agent('b', { serve: [targetOf('db', `${scheme}://127.0.0.1:${port}`)] });
  await bed.agent('a');
  const mesh = await bed.program('a');
  await instancesOf(mesh, 'db', 1);
  return mesh;
}

async function forward(mesh: Mesh, events: ForwardEvent[] = []): Promise<ForwardedPort> {
  const onEvent = (event: ForwardEvent) => void events.push(event);
  const one = await forwardPort({ choice: {}, mesh, address: 'db', bind: '127.0.0.1', port: 0, onEvent });
  forwarded.push(one);
  return one;
}

const dial = ({ port }: ForwardedPort) => connect({ port, host: '127.0.0.1', allowHalfOpen: true });

describe('a TCP program behind its agent', () => {
  it('is reached by a forwarded port, byte for byte, each half ended on its own', async () => {
    const port = await listening(createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket)));
    const events: ForwardEvent[] = [];
    const at = await forward(await pair(port), events);
    const sent = randomBytes(5_000_000);
    const socket = dial(at);
    const back = buffer(socket);
    socket.end(sent);
    expect((await back).equals(sent)).toBe(true);
    await expect
      .poll(() => events)
      .toMatchObject([
        { type: 'opened', id: 1, instance: { service: 'db', node: 'b' } },
        { type: 'closed', id: 1, sentBytes: sent.length, receivedBytes: sent.length },
      ]);
  });

  it('may speak first, and after the other side has ended', async () => {
    const port = await listening(
      createServer({ allowHalfOpen: true }, (socket) => {
        socket.write('220 ready\n');
        let heard = '';
        socket.on('error', () => undefined);
        socket.on('data', (bytes: Buffer) => (heard += bytes.toString()));
        socket.on('end', () => socket.end(`heard ${heard}`));
      }),
    );
    const socket = dial(await forward(await pair(port)));
    const [greeting] = (await once(socket, 'data')) as [Buffer];
    expect(greeting.toString()).toBe('220 ready\n');
    const rest = text(socket);
    socket.end('QUIT');
    expect(await rest).toBe('heard QUIT');
  });

  it('that breaks off breaks the client off, and the other way round', async () => {
    const inside: Socket[] = [];
    const port = await listening(
      createServer((socket) => {
        // A check connects, too, and says nothing.
        socket.on('error', () => undefined);
        socket.once('data', () => {
          inside.push(socket);
          socket.write('x');
        });
      }),
    );
    const at = await forward(await pair(port));
    const one = dial(at);
    one.write('hi');
    await once(one, 'data');
    const broken = once(one, 'error');
    inside[0]?.resetAndDestroy();
    expect((await broken)[0]).toMatchObject({ code: 'ECONNRESET' });
    const two = dial(at);
    two.write('hi');
    await once(two, 'data');
    const closed = new Promise((resolve) => inside[1]?.once('close', resolve));
    two.resetAndDestroy();
    await closed;
  });

  it('that is gone is told with the next connection, which goes to another instance', async () => {
    const served = (name: string, open: Set<Socket>) =>
      createServer((socket) => {
        open.add(socket);
        socket.on('error', () => undefined);
        socket.write(name);
      });
    const open = { b: new Set<Socket>(), c: new Set<Socket>() };
    const [serverB, serverC] = [served('b', open.b), served('c', open.c)];
    const [portB, portC] = [await listening(serverB), await listening(serverC)];
    await bed.agent('c', { serve: [targetOf('db', `tcp://127.0.0.1:${portC}`)] });
    const mesh = await pair(portB);
    await instancesOf(mesh, 'db', 2);
    const at = await forward(mesh);
    const first = dial(at);
    const [name] = (await once(first, 'data')) as [Buffer];
    const which = name.toString() as 'b' | 'c';
    const lost = once(first, 'error');
    (which === 'b' ? serverB : serverC).close();
    for (const socket of open[which]) socket.resetAndDestroy();
    expect((await lost)[0]).toMatchObject({ code: 'ECONNRESET' });
    // No matter whether the check or a refused connection has found it out.
    for (let i = 0; i < 5; i++) {
      const next = dial(at);
      expect(String(((await once(next, 'data')) as [Buffer])[0])).toBe(which === 'b' ? 'c' : 'b');
      next.destroy();
    }
  });

  it('takes connections and nothing else', async () => {
    const port = await listening(createServer((socket) => socket.end()));
    const mesh = await pair(port);
    await expect(mesh.open('db', 'sql')).rejects.toMatchObject({ code: 'unknown-command' });
    expect(await mesh.call('db', 'sql')).toMatchObject({ outcome: 'refused', code: 'no-instance' });
  });

  it('an HTTP program is reached as well, with connections kept alive', async () => {
    const port = await listening(createHttpServer((request, response) => void request.pipe(response)));
    const at = await forward(await pair(port, 'http'));
    for (const body of ['one', 'two']) {
      const answer = await fetch(`http://127.0.0.1:${at.port}/x`, { method: 'POST', body });
      expect(await answer.text()).toBe(body);
    }
  });

  it('a client without any instance is reset, and the reason told', async () => {
    await bed.agent('a');
    const events: ForwardEvent[] = [];
    const socket = dial(await forward(await bed.program('a'), events));
    expect((await once(socket, 'error'))[0]).toMatchObject({ code: 'ECONNRESET' });
    expect(events).toMatchObject([{ type: 'failed', id: 1, code: 'no-instance' }]);
  });
});
