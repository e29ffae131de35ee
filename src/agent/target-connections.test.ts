import { EventEmitter, once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ConnectionUser, TargetConnection } from './target-connection.ts';
import { idleConnectionsMax, type TargetConnections, targetConnections } from './target-connections.ts';

let server: Server;
let accepted: Socket[];
let connections: TargetConnections;
/** What the program does with the text of a request; undefined: it says nothing. */
let answer: (text: string, socket: Socket) => void;

beforeEach(async () => {
  accepted = [];
  answer = (_, socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
  server = createServer((socket) => {
    accepted.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => answer(bytes.toString(), socket));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  connections = targetConnections({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
});

afterEach(() => {
  connections.close();
  for (const socket of accepted) socket.destroy();
  server.close();
});

const head = 'GET / HTTP/1.1\r\nhost: x\r\n\r\n';

/** What one request comes to: its body, or what went wrong. */
function ask(connection: TargetConnection, framing: 'none' | 'length' = 'none'): Promise<string> {
  return new Promise((resolve) => {
    let body = '';
    const user: ConnectionUser = {
      onConnected() {},
      onInterim() {},
      onAnswer() {},
      onBody: (bytes) => void (body += Buffer.from(bytes).toString()),
      onWhole: () => resolve(body),
      onSwitch() {},
      onFault: (fault) => resolve(`fault: ${fault}`),
      onLost: (error) => resolve(`lost: ${error.message}`),
      onFree() {},
    };
    connection.request(user, head, { method: 'GET', framing });
    if (framing === 'length') connection.write(Buffer.from('x'), () => undefined);
  });
}

/** Until the loop has gone round: what is settled behind an answer is settled. */
const soon = () => new Promise(setImmediate);

describe('a connection', () => {
  it('is used again', async () => {
    for (let i = 0; i < 3; i += 1) {
      expect(await ask(connections.take())).toBe('ok');
      await soon();
    }
    expect(accepted).toHaveLength(1);
  });

  it('that carries a request is not taken for another', async () => {
    const both = [connections.take(), connections.take()];
    expect(await Promise.all(both.map((each) => ask(each)))).toEqual(['ok', 'ok']);
    expect(accepted).toHaveLength(2);
  });

  it.each([
    ['says so', 'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok'],
    ['keeps none', 'HTTP/1.1 200 OK\r\nkeep-alive: timeout=0\r\ncontent-length: 2\r\n\r\nok'],
    ['speaks HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok'],
    ['says more than it should', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\n'],
  ])('is not used again where the program %s', async (_, said) => {
    answer = (_text, socket) => void socket.write(said);
    expect(await ask(connections.take())).toBe('ok');
    await soon();
    expect(await ask(connections.take())).toBe('ok');
    expect(accepted).toHaveLength(2);
  });

  it('is closed where the program speaks unasked', async () => {
    expect(await ask(connections.take())).toBe('ok');
    const [socket] = accepted as [Socket];
    socket.write('HTTP/1.1 408 Request Timeout\r\n\r\n');
    await once(socket, 'close');
    expect(await ask(connections.take())).toBe('ok');
    expect(accepted).toHaveLength(2);
  });

  it('that the program closes while it waits is not used again', async () => {
    expect(await ask(connections.take())).toBe('ok');
    const [socket] = accepted as [Socket];
    socket.end();
    await once(socket, 'close');
    expect(await ask(connections.take())).toBe('ok');
    expect(accepted).toHaveLength(2);
  });

  it('is closed after a while', async () => {
    answer = (_, socket) =>
      void socket.write('HTTP/1.1 200 OK\r\nkeep-alive: timeout=1\r\ncontent-length: 2\r\n\r\nok');
    expect(await ask(connections.take())).toBe('ok');
    await once(accepted[0] as Socket, 'close');
  });

  it('that is in use for longer than it may wait stays, and is closed once it has waited so long', async () => {
    const restsFor = (restMs: number) => {
      const { port } = server.address() as AddressInfo;
      const options = { host: '127.0.0.1', port, buffer: Buffer.alloc(1_024), isUpgrade: false };
      const goings = new EventEmitter();
      const owner = { onFree: (free: TargetConnection) => free.rest(restMs), onGone: () => void goings.emit('gone') };
      return { connection: new TargetConnection(options, owner), gone: once(goings, 'gone') };
    };
    const [used, other] = [restsFor(20), restsFor(60)];
    expect(await ask(used.connection)).toBe('ok');
    expect(await ask(used.connection, 'length')).toBe('ok');
    // Meanwhile another one waits and is closed, after three times as long.
    expect(await ask(other.connection)).toBe('ok');
    await other.gone;
    expect(accepted[0]?.destroyed).toBe(false);
    used.connection.endRequest();
    await used.gone;
  });

  it('tells of an answer that is cut, and of one that is none', async () => {
    answer = (_, socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nok');
    expect(await ask(connections.take())).toContain('lost: ECONNRESET');
    answer = (_, socket) => void socket.write('what?\r\n\r\n');
    expect(await ask(connections.take())).toBe('fault: a malformed head');
  });

  it('ends the answer where the program ends it', async () => {
    answer = (_, socket) => void socket.end('HTTP/1.1 200 OK\r\n\r\nall of it');
    expect(await ask(connections.take())).toBe('all of it');
  });
});

describe('those that wait', () => {
  async function waiting(count: number): Promise<void> {
    const all = Array.from({ length: count }, () => connections.take());
    await Promise.all(all.map((each) => ask(each)));
    await soon();
  }

  it.each([
    [idleConnectionsMax, 0],
    [idleConnectionsMax + 1, 1],
  ])('of %i free ones %i is closed', async (count, closed) => {
    await waiting(count);
    const before = accepted.length;
    await waiting(count);
    expect(accepted.length - before).toBe(closed);
  });

  it('are closed with the rest', async () => {
    await waiting(2);
    connections.close();
    await Promise.all(accepted.map((socket) => once(socket, 'close')));
  });
});
