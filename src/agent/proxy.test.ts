import { once } from 'node:events';
import { Agent, request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ProxyBed, proxyBed, rawClient, rest, textOf, until } from '../../test/agent/proxy-bed.ts';

let bed: ProxyBed;
beforeEach(async () => {
  bed = await proxyBed();
});
afterEach(() => bed.close());

interface Ask {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Buffer;
  readonly agent?: Agent;
}

async function ask({ method = 'GET', path = '/', headers = {}, body, agent }: Ask = {}): Promise<IncomingMessage> {
  const request = httpRequest({
    ...{ host: '127.0.0.1', port: bed.port, method, path },
    headers: { host: 'crm.localhost', ...(body === undefined ? {} : { 'content-length': body.length }), ...headers },
    agent: agent ?? false,
  });
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response;
}

const problemOf = async (response: IncomingMessage) => JSON.parse(await textOf(response)) as Record<string, unknown>;

describe('a request', () => {
  it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'])(
    '%s reaches the program and is answered',
    async (method) => {
      await bed.addProgram('crm', 'db1', (request, response) => {
        response.setHeader('x-seen', `${request.method} ${request.url}`);
        request.pipe(response);
      });
      const body = method === 'GET' ? undefined : 'hello';
      const response = await ask({ method, path: '/a?b=c', ...(body === undefined ? {} : { body }) });
      expect(response.statusCode).toBe(200);
      expect(response.headers['x-seen']).toBe(`${method} /a?b=c`);
      expect(response.headers['fogata-instance']).toBe('crm@db1');
      expect(response.headers.via).toBe('1.1 fogata');
      expect(await textOf(response)).toBe(body ?? '');
    },
  );

  it.each([
    ['HEAD', 200, '5', '5'],
    ['GET', 204, undefined, undefined],
    ['GET', 204, '5', undefined],
    ['GET', 304, '5', '5'],
  ])('%s with %i has no body, and the connection goes on', async (method, status, length, passedOn) => {
    await bed.addProgram('crm', 'db1', (_, response) => {
      response.writeHead(status, length === undefined ? {} : { 'content-length': length });
      response.end(method === 'HEAD' ? 'hello' : undefined);
    });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let i = 0; i < 3; i++) {
      const response = await ask({ method, agent });
      expect([response.statusCode, response.headers['content-length'], await textOf(response)]).toEqual([
        status,
        passedOn,
        '',
      ]);
      expect(response.headers['transfer-encoding']).toBeUndefined();
    }
    agent.destroy();
  });

  it('a POST without a body says so to the program', async () => {
    await bed.addProgram('crm', 'db1', (request, response) => void response.end(JSON.stringify(request.headers)));
    const socket = await rawClient(bed.port, 'POST / HTTP/1.1\r\nHost: crm.localhost\r\nConnection: close\r\n\r\n');
    const text = await rest(socket);
    expect(text).toContain('"content-length":"0"');
    expect(text).not.toContain('transfer-encoding');
  });

  it('by path: the prefix is cut off, told, and put before a Location', async () => {
    await bed.addProgram('crm', 'db1', (request, response) => {
      response.writeHead(302, { location: `http://${request.headers.host}/next`, 'x-url': request.url });
      response.end(request.headers['x-forwarded-prefix']);
    });
    const response = await ask({ path: '/to/crm@db1/a/b?c', headers: { host: `localhost:${bed.port}` } });
    expect(response.headers.location).toBe('/to/crm@db1/next');
    expect(response.headers['x-url']).toBe('/a/b?c');
    expect(await textOf(response)).toBe('/to/crm@db1');
  });

  it('a base path of the program stays its own, and is not left', async () => {
    await bed.addProgram(
      'crm',
      'db1',
      (request, response) => void response.writeHead(302, { location: '/api/x' }).end(request.url),
      '/api',
    );
    const response = await ask({ path: '/v2?q' });
    expect(response.headers.location).toBe('/x');
    expect(await textOf(response)).toBe('/api/v2?q');
    expect((await ask({ path: '/a/%2e%2e/b' })).statusCode).toBe(403);
  });

  it('what is not for a service goes to the agent itself', async () => {
    expect(await textOf(await ask({ path: '/v1/nodes', headers: { host: 'localhost' } }))).toBe('local /v1/nodes');
  });

  it('pipelined requests are answered in order', async () => {
    await bed.addProgram('crm', 'db1', (request, response) => {
      if (request.url === '/1') setImmediate(() => setImmediate(() => response.end('one')));
      else response.end('two');
    });
    const one = 'GET /1 HTTP/1.1\r\nHost: crm.localhost\r\n\r\n';
    const two = 'GET /2 HTTP/1.1\r\nHost: crm.localhost\r\nConnection: close\r\n\r\n';
    const text = await rest(await rawClient(bed.port, one + two));
    expect(text.indexOf('one')).toBeGreaterThan(0);
    expect(text.indexOf('two')).toBeGreaterThan(text.indexOf('one'));
  });

  it('HTTP/1.0 gets its answer as the rest of the connection', async () => {
    await bed.addProgram('crm', 'db1', (_, response) => {
      response.write('a');
      response.end('b');
    });
    const text = await rest(await rawClient(bed.port, 'GET /to/crm/ HTTP/1.0\r\n\r\n'));
    expect(text).toMatch(/^HTTP\/1\.1 200 OK[^]*\r\n\r\nab$/);
  });
});

describe('headers', () => {
  it('of one connection stay on it, both ways', async () => {
    await bed.addProgram('crm', 'db1', (request, response) => {
      const headers = [
        'Connection',
        'X-Gone',
        'X-Gone',
        '1',
        'Proxy-Authenticate',
        'Basic',
        'Set-Cookie',
        'a=1',
        'Set-Cookie',
        'b=2',
      ];
      response.writeHead(200, [...headers, 'Fogata-Load', '0.25', 'Fogata-Instance', 'forged@x']);
      response.end(JSON.stringify(request.rawHeaders));
    });
    const response = await ask({
      headers: {
        ...{
          connection: 'x-mine, content-length',
          'x-mine': '1',
          'x-kept': ['1', '2'],
          te: 'trailers',
          'keep-alive': '5',
        },
        ...{
          'proxy-authorization': 'secret',
          'fogata-idempotent': '1',
          'x-forwarded-for': '192.0.2.9',
          'user-agent': 'test',
        },
      },
    });
    const seen = JSON.parse(await textOf(response)) as string[];
    const names = seen.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase());
    for (const gone of ['x-mine', 'te', 'keep-alive', 'proxy-authorization', 'fogata-idempotent'])
      expect(names).not.toContain(gone);
    expect(names.filter((name) => name === 'x-kept')).toHaveLength(2);
    const valueOf = (name: string) => seen[names.indexOf(name) * 2 + 1];
    expect(valueOf('x-forwarded-for')).toBe('192.0.2.9, 127.0.0.1');
    expect(valueOf('forwarded')).toBe('for=127.0.0.1;host="crm.localhost";proto=http');
    expect(valueOf('x-forwarded-host')).toBe('crm.localhost');
    expect(valueOf('via')).toBe('1.1 fogata');
    expect(valueOf('host')).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(Number(valueOf('fogata-deadline-ms'))).toBeGreaterThan(29_000);
    expect(response.headers['x-gone']).toBeUndefined();
    expect(response.headers['proxy-authenticate']).toBeUndefined();
    expect(response.headers['fogata-load']).toBeUndefined();
    expect(response.headers['fogata-instance']).toBe('crm@db1');
    expect(response.headers['set-cookie']).toEqual(['a=1', 'b=2']);
  });

  it('Latin-1 and long ones pass as they are', async () => {
    await bed.addProgram('crm', 'db1', (request, response) => {
      response.setHeader('x-echo', request.headers['x-odd'] ?? '');
      response.end();
    });
    const odd = `caf\u00e9 "quoted" ${'x'.repeat(8_000)}`;
    expect((await ask({ headers: { 'x-odd': odd } })).headers['x-echo']).toBe(odd);
  });

  it('a flood of them is refused', async () => {
    await bed.addProgram('crm', 'db1', (_, response) => void response.end());
    const flood = Array.from({ length: 4_000 }, (_, i) => `x${i}: 1\r\n`).join('');
    expect(await rest(await rawClient(bed.port, `GET / HTTP/1.1\r\nHost: crm.localhost\r\n${flood}\r\n`))).toMatch(
      /^HTTP\/1\.1 431 /,
    );
    expect(bed.mesh.opens).toHaveLength(0);
  });

  it.each([
    ['two lengths', 'Content-Length: 1\r\nContent-Length: 2\r\n'],
    ['length and chunks', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n'],
    ['a bare line feed in a value', 'X-A: b\nX-C: d\r\n\u0000: x\r\n'],
    ['two Hosts', 'Host: evil.example\r\nHost: other\r\n'],
  ])('%s: no service is asked, or only the first named', async (_, lines) => {
    await bed.addProgram('crm', 'db1', (_, response) => void response.end());
    const text = await rest(
      await rawClient(bed.port, `POST / HTTP/1.1\r\n${lines}Host: crm.localhost\r\nConnection: close\r\n\r\n`),
    );
    expect(text).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(bed.mesh.opens).toHaveLength(0);
  });

  it('a request that goes round in circles is stopped', async () => {
    await bed.addProgram('crm', 'db1', (request, response) => {
      const next = httpRequest({
        host: '127.0.0.1',
        port: bed.port,
        headers: { ...request.headers, host: 'crm.localhost' },
      });
      next.on('response', (answer) => {
        response.writeHead(answer.statusCode ?? 500);
        answer.pipe(response);
      });
      next.end();
    });
    const response = await ask();
    expect(response.statusCode).toBe(508);
    expect(await problemOf(response)).toMatchObject({ code: 'failed', outcome: 'refused' });
    expect(bed.mesh.opens.length).toBeLessThan(20);
  });
});

describe('Expect: 100-continue', () => {
  it('is answered once the program is reached, and not when it is not', async () => {
    await bed.addProgram('crm', 'db1', (request, response) => void request.pipe(response));
    const head =
      'POST / HTTP/1.1\r\nHost: crm.localhost\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n';
    const socket = await rawClient(bed.port, head);
    expect(await until(socket, /\r\n\r\n/)).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    socket.write('abc');
    expect(await rest(socket)).toMatch(/^HTTP\/1\.1 200 OK[^]*abc/);
    const lost = await rest(await rawClient(bed.port, head.replace('crm', 'erp')));
    expect(lost).toMatch(/^HTTP\/1\.1 503 /);
  });
});

describe('hostile names', () => {
  it.each([
    ['evil.example', 421],
    ['127.0.0.1.nip.io', 421],
    ['a b', 400],
  ])('Host %s: %i', async (host, status) => {
    const text = await rest(await rawClient(bed.port, `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`));
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(text).toMatch(/content-type: application\/problem\+json/i);
  });

  it('it is no open proxy, and no tunnel', async () => {
    const open = await rest(
      await rawClient(bed.port, 'GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n'),
    );
    expect(open).toMatch(/^HTTP\/1\.1 403 [^]*no open proxy/);
    const tunnel = await rest(await rawClient(bed.port, 'CONNECT crm.fogata:80 HTTP/1.1\r\nHost: crm.fogata\r\n\r\n'));
    expect(tunnel).toMatch(/^HTTP\/1\.1 405 [^]*allow: GET/);
  });
});
