import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listen, type ProxyBed, proxyBed, rawClient, rest, until } from '../../test/agent/proxy-bed.ts';
import { createHttpServer } from './http-endpoint.ts';

let bed: ProxyBed;
let asked: string[];
let hanging: ServerResponse[];

beforeEach(async () => {
  bed = await proxyBed();
  asked = [];
  hanging = [];
  await bed.addProgram('crm', 'db1', (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      asked.push(request.url ?? '');
      if (request.url?.startsWith('/hang') === true) hanging.push(response);
      else response.end(`<${request.url} ${Buffer.concat(chunks).toString()} ${request.headers.upgrade ?? '-'}>`);
    });
  });
});
afterEach(() => bed.close());

const head = (method: string, path: string, more = ''): string =>
  `${method} ${path} HTTP/1.1\r\nHost: crm.localhost\r\n${more}\r\n`;
const ask = async (text: string): Promise<string> => rest(await rawClient(bed.port, text));
const idle = async (): Promise<void> => {
  while (bed.mesh.streamsOpen() > 0) await new Promise(setImmediate);
};

describe('requests of one connection', () => {
  it('are begun one after the other, and answered in order', async () => {
    const paths = Array.from({ length: 200 }, (_, i) => `/${i}`);
    const requests = paths.map((path, i) => head('GET', path, i === 199 ? 'Connection: close\r\n' : ''));
    const socket = await rawClient(bed.port, head('GET', '/hang') + requests.join(''));
    while (hanging.length === 0) await new Promise(setImmediate);
    expect(bed.mesh.streamsOpen()).toBe(1);
    hanging[0]?.end('late');
    const text = await rest(socket);
    expect(text.match(/<\/\d+/g)).toEqual(paths.map((path) => `<${path}`));
    expect(asked).toEqual(['/hang', ...paths]);
  });

  it('with bodies between them arrive whole', async () => {
    const post = (path: string, more = ''): string => `${head('POST', path, `Content-Length: 3\r\n${more}`)}abc`;
    const text = await ask(`${post('/1')}${head('GET', '/2')}${post('/3', 'Connection: close\r\n')}`);
    expect(text.match(/<[^>]*>/g)).toEqual(['</1 abc ->', '</2  ->', '</3 abc ->']);
  });

  it('that wait when the client leaves are never begun', async () => {
    const socket = await rawClient(bed.port, head('GET', '/hang') + head('GET', '/next').repeat(50));
    while (hanging.length === 0) await new Promise(setImmediate);
    socket.resetAndDestroy();
    hanging[0]?.end('x'.repeat(1_000_000));
    await idle();
    expect(bed.mesh.opens.length).toBeLessThanOrEqual(2);
  });

  it.each([
    ['a tunnel', 'CONNECT db:1 HTTP/1.1\r\nHost: db:1\r\n\r\n'],
    ['another protocol', head('GET', '/ws', 'Connection: Upgrade\r\nUpgrade: echo\r\n')],
  ])('may not go over to %s before they are answered', async (_, second) => {
    expect(await ask(head('GET', '/hang') + second)).toBe('');
    await idle();
    expect(await ask(head('GET', '/fine', 'Connection: close\r\n'))).toContain('</fine');
  });
});

describe('right behind a request that is refused for its head', () => {
  const noHost = 'GET / HTTP/1.1\r\n\r\n';
  const expecting = head('GET', '/', 'Expect: the-impossible\r\n');
  const tunnel = 'CONNECT db:1 HTTP/1.1\r\nHost: db:1\r\n\r\n';
  const switching = head('GET', '/ws', 'Connection: Upgrade\r\nUpgrade: echo\r\n');
  const link = 'GET /v1/link HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: fogata\r\n\r\n';

  it.each([noHost + tunnel, noHost + switching, noHost + link, expecting + tunnel, expecting + switching])(
    'nothing is taken up, and the agent lives: %j',
    async (text) => {
      await rest(await rawClient(bed.port, text));
      expect(await ask(head('GET', '/fine', 'Connection: close\r\n'))).toContain('</fine');
      expect(asked).toEqual(['/fine']);
    },
  );
});

describe('an upgrade that is not needed', () => {
  const h2c = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n';

  it('is left out: the request is answered in HTTP/1.1, with or without a body', async () => {
    expect(await until(await rawClient(bed.port, head('GET', '/a', h2c)), />/)).toMatch(/ 200 OK[^]*<\/a {2}->/);
    const post = head('POST', '/b', `${h2c}Content-Length: 3\r\n`);
    expect(await until(await rawClient(bed.port, `${post}abc`), />/)).toMatch(/ 200 OK[^]*<\/b abc ->/);
  });

  it('is left out each time, on a connection that goes on', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error): void => void warnings.push(warning);
    process.on('warning', note);
    const socket = await rawClient(bed.port, '');
    for (let i = 0; i < 20; i++) {
      socket.write(head('GET', `/${i}`, h2c));
      await once(socket, 'data');
    }
    socket.destroy();
    process.off('warning', note);
    expect(asked).toHaveLength(20);
    expect(warnings).toEqual([]);
  });

  it('leaves a refused client two seconds to go', async () => {
    const socket: Socket = await rawClient(bed.port, 'CONNECT db:1 HTTP/1.1\r\nHost: db:1\r\n\r\n');
    const closed = once(socket, 'close');
    socket.resume();
    await once(socket, 'end');
    // Its own half stays open: the proxy does not wait for it for ever.
    const [connection] = await new Promise<[number]>((resolve) => {
      const look = (): void => {
        bed.server.getConnections((_, count) => (count === 0 ? resolve([count]) : void setImmediate(look)));
      };
      look();
    });
    expect(connection).toBe(0);
    socket.destroy();
    await closed;
  });
});

describe('what is no request', () => {
  it.each([
    ['no HTTP', '\x16\x03\x01\x02', 400, 'this is no HTTP/1.1 request'],
    ['a head that is too long', head('GET', '/', `X: ${'x'.repeat(20_000)}\r\n`), 431, 'at most 16384 bytes'],
    ['no Host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'has no Host'],
    ['an expectation', head('GET', '/', 'Expect: a-lot\r\nConnection: close\r\n'), 417, 'only 100-continue'],
    ['two Hosts', head('GET', '/', 'Host: localhost\r\n'), 400, 'one Host header'],
    [
      'a coding that would be lost',
      `${head('POST', '/', 'Transfer-Encoding: gzip, chunked\r\nConnection: close\r\n')}0\r\n\r\n`,
      501,
      'no transfer-encoding but chunked',
    ],
    ['both lengths', head('POST', '/', 'Content-Length: 1\r\nTransfer-Encoding: chunked\r\n'), 400, 'Content-Length'],
    ['a length beyond numbers', head('POST', '/', 'Content-Length: 9007199254740993\r\n'), 413, '9007199254740993'],
    ['a misspelt wish', head('GET', '/', 'Fogata-Idempotent: yes\r\nConnection: close\r\n'), 400, 'true or false'],
  ])('%s is told so', async (_, text, status, detail) => {
    const answer = await until(await rawClient(bed.port, text), /\}\n$/);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [^]*application/problem\\+json`, 'i'));
    expect(answer).toContain(detail);
    expect(bed.mesh.opens).toHaveLength(0);
  });
});

it('connections are bounded: one more is closed at once', async () => {
  const server = createHttpServer();
  expect(server.maxConnections).toBe(8_192);
  server.maxConnections = 1;
  const port = await listen(server);
  const connected = once(server, 'connection');
  const first = await rawClient(port, '');
  await connected;
  expect(await rest(await rawClient(port, ''))).toBe('');
  expect(first.closed).toBe(false);
  first.destroy();
  server.close();
});
