import { once } from 'node:events';
import { type ClientRequest, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ProxyBed, proxyBed, rawClient, rest, textOf, until } from '../../test/agent/proxy-bed.ts';

let bed: ProxyBed;
beforeEach(async () => {
  bed = await proxyBed();
});
afterEach(() => bed.close());

const start = (method: string, headers: Record<string, string> = {}): ClientRequest => {
  const options = { host: '127.0.0.1', port: bed.port, method, agent: false };
  const request = httpRequest({ ...options, headers: { host: 'crm.localhost', ...headers } });
  request.on('error', () => undefined);
  return request;
};
const responseTo = async (request: ClientRequest) => ((await once(request, 'response')) as [IncomingMessage])[0];

/** Recognisable at every position. */
const pattern = Buffer.from(Array.from({ length: 65_521 }, (_, i) => (i * 7 + (i >> 8)) % 251));
const patternTimes = 128;

/** Bytes of the pattern, over and over; throws at the first that is none. */
function checker(): { take(bytes: Buffer): void; readonly count: number } {
  let count = 0;
  return {
    take(bytes) {
      for (let at = 0; at < bytes.length; ) {
        const offset = count % pattern.length;
        const part = Math.min(bytes.length - at, pattern.length - offset);
        if (bytes.compare(pattern, offset, offset + part, at, at + part) !== 0) throw new Error(`wrong near ${count}`);
        at += part;
        count += part;
      }
    },
    get count() {
      return count;
    },
  };
}

async function writeAll(to: ClientRequest | ServerResponse): Promise<void> {
  for (let i = 0; i < patternTimes; i++) if (!to.write(pattern)) await once(to, 'drain');
  to.end();
}

describe('small bodies', () => {
  it.each([1, 256, 8_192, 65_536, 65_537])(
    'of %i bytes of any value come down as they are, at once or in parts',
    async (bytes) => {
      const body = Buffer.from(Array.from({ length: bytes }, (_, at) => at & 255));
      let parts = 0;
      await bed.addProgram('crm', 'db1', (_, response) => {
        parts += 1;
        response.writeHead(200, { 'content-length': bytes });
        if (parts === 1) response.end(body);
        else
          response.write(body.subarray(0, bytes >> 1), () =>
            setImmediate(() => response.end(body.subarray(bytes >> 1))),
          );
      });
      for (let i = 0; i < 2; i += 1) {
        const request = start('GET');
        request.end();
        const chunks: Buffer[] = [];
        for await (const chunk of await responseTo(request)) chunks.push(chunk as Buffer);
        expect(Buffer.concat(chunks).equals(body)).toBe(true);
      }
    },
  );
});

describe('large bodies', () => {
  const total = pattern.length * patternTimes;

  it.each([{}, { 'content-length': `${total}` }])('come up whole, nothing piles up: %o', async (headers) => {
    const countSlowly = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const check = checker();
      let chunks = 0;
      for await (const chunk of request) {
        check.take(chunk as Buffer);
        if ((chunks++ & 15) === 0) await new Promise(setImmediate);
      }
      response.end(`${check.count}`);
    };
    await bed.addProgram('crm', 'db1', (request, response) => void countSlowly(request, response));
    const request = start('POST', headers);
    const [response] = await Promise.all([responseTo(request), writeAll(request)]);
    expect(await textOf(response)).toBe(`${total}`);
    expect(bed.mesh.queuedBytesMost()).toBeLessThan(262_144);
    expect(bed.mesh.streamsOpen()).toBe(0);
  });

  it.each([{}, { 'content-length': `${total}` }])(
    'come down whole to a slow reader, nothing piles up: %o',
    async (headers) => {
      await bed.addProgram('crm', 'db1', (_, response) => {
        response.writeHead(200, headers);
        void writeAll(response);
      });
      const request = start('GET');
      request.end();
      const check = checker();
      let chunks = 0;
      for await (const chunk of await responseTo(request)) {
        check.take(chunk as Buffer);
        if ((chunks++ & 15) === 0) await new Promise(setImmediate);
      }
      expect(check.count).toBe(total);
      expect(bed.mesh.queuedBytesMost()).toBeLessThan(262_144);
    },
  );

  it('a reader that stops stops the program', async () => {
    let written = 0;
    await bed.addProgram('crm', 'db1', (_, response) => {
      const more = (): void => {
        while (response.write(pattern)) written += pattern.length;
        response.once('drain', more);
      };
      more();
    });
    const socket = await rawClient(bed.port, 'GET / HTTP/1.1\r\nHost: crm.localhost\r\n\r\n');
    socket.pause();
    let last = -1;
    for (let still = 0; still < 200; still = written === last ? still + 1 : 0) {
      last = written;
      await new Promise(setImmediate);
    }
    // What the sockets' buffers of the system hold, and the windows: not gigabytes.
    expect(written).toBeLessThan(64 * 1_048_576);
    expect(bed.mesh.streamsOpen()).toBe(1);
    socket.destroy();
    while (bed.mesh.streamsOpen() > 0) await new Promise(setImmediate);
  });

  it('both ways at once, byte for byte as they come', async () => {
    await bed.addProgram('crm', 'db1', (request, response) => {
      response.flushHeaders();
      request.on('data', (chunk: Buffer) => response.write(chunk.toString('latin1').toUpperCase()));
      request.on('end', () => response.end());
    });
    const request = start('POST');
    request.flushHeaders();
    const response = await responseTo(request);
    for (const word of ['one', 'two', 'three']) {
      request.write(word);
      const [chunk] = (await once(response, 'data')) as [Buffer];
      expect(chunk.toString('latin1')).toBe(word.toUpperCase());
    }
    request.end();
    await once(response, 'end');
  });

  it('an early answer is passed on though its body is not read', async () => {
    await bed.addProgram('crm', 'db1', (_, response) => {
      response.writeHead(413, { connection: 'close' });
      response.end('too much');
    });
    const request = start('POST');
    const [response] = await Promise.all([responseTo(request), writeAll(request).catch(() => undefined)]);
    expect(response.statusCode).toBe(413);
    expect(await textOf(response)).toBe('too much');
  });
});

describe('when somebody goes away', () => {
  it('the client before the answer: the program is told', async () => {
    let asked!: (response: ServerResponse) => void;
    const asking = new Promise<ServerResponse>((resolve) => (asked = resolve));
    await bed.addProgram('crm', 'db1', (_, response) => asked(response));
    const request = start('GET');
    request.end();
    const atProgram = await asking;
    request.destroy();
    await once(atProgram, 'close');
    expect(atProgram.writableFinished).toBe(false);
    expect(bed.mesh.streamsOpen()).toBe(0);
  });

  it('the client in its own body: the program is told', async () => {
    let asked!: (request: IncomingMessage) => void;
    const asking = new Promise<IncomingMessage>((resolve) => (asked = resolve));
    await bed.addProgram('crm', 'db1', (request) => asked(request));
    const request = start('POST');
    request.write('half');
    const atProgram = await asking;
    const broken = once(atProgram, 'error');
    atProgram.resume();
    request.destroy();
    await broken;
    expect(atProgram.complete).toBe(false);
  });

  it.each([{}, { 'content-length': '1000000' }])(
    'the program in its body: the client never takes it for the whole %o',
    async (headers) => {
      await bed.addProgram('crm', 'db1', (_, response) => {
        response.writeHead(200, headers);
        response.write('half', () => response.destroy());
      });
      const request = start('GET');
      request.end();
      const response = await responseTo(request);
      await expect(textOf(response)).rejects.toThrow('aborted');
      expect(bed.mesh.opens).toHaveLength(1);
    },
  );

  it('the program in its body, HTTP/1.0: the connection is reset, not ended', async () => {
    await bed.addProgram('crm', 'db1', (_, response) => void response.write('half', () => response.destroy()));
    const socket = await rawClient(bed.port, 'GET /to/crm/ HTTP/1.0\r\n\r\n');
    let hasEnded = false;
    socket.on('end', () => (hasEnded = true));
    socket.resume();
    await new Promise((resolve) => socket.on('close', resolve));
    expect(hasEnded).toBe(false);
  });
});

describe('upgrade', () => {
  const head = 'GET /ws HTTP/1.1\r\nHost: crm.localhost\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n';

  async function addEcho(): Promise<void> {
    const program = await bed.addProgram('crm', 'db1', (_, response) => void response.writeHead(426).end('plain'));
    program.server.on('upgrade', (request: IncomingMessage, socket: Socket, first: Buffer) => {
      socket.on('error', () => undefined);
      socket.write(
        `HTTP/1.1 101 Fine\r\nConnection: Upgrade\r\nUpgrade: ${request.headers.upgrade}\r\nX-Url: ${request.url}\r\n\r\nhi `,
      );
      if (first.length > 0) socket.write(first);
      socket.on('data', (bytes: Buffer) => socket.write(bytes));
      socket.on('end', () => socket.end('bye'));
    });
  }

  it('raw bytes go both ways, and each half ends on its own', async () => {
    await addEcho();
    const socket = await rawClient(bed.port, `${head}early `);
    const text = await until(socket, /early $/);
    expect(text).toMatch(/^HTTP\/1\.1 101 Fine\r\n/);
    expect(text).toMatch(/\r\nX-Url: \/ws\r\n/);
    expect(text).toMatch(/\r\nupgrade: echo\r\n/i);
    expect(text).toMatch(/\r\nfogata-instance: crm@db1\r\n/);
    expect(text).toMatch(/\r\n\r\nhi early $/);
    socket.write('more ');
    await until(socket, /more /);
    socket.end();
    expect(await rest(socket)).toBe('bye');
    while (bed.mesh.streamsOpen() > 0) await new Promise(setImmediate);
  });

  it('megabytes echo whole', async () => {
    await addEcho();
    const socket = await rawClient(bed.port, head);
    await until(socket, /hi $/);
    const check = checker();
    socket.on('data', (bytes: Buffer) => check.take(bytes));
    for (let i = 0; i < 32; i++) if (!socket.write(pattern)) await once(socket, 'drain');
    while (check.count < 32 * pattern.length) await once(socket, 'data');
    socket.destroy();
    expect(bed.mesh.queuedBytesMost()).toBeLessThan(262_144);
  });

  it('a program that does not switch is answered as it is', async () => {
    await bed.addProgram('crm', 'db1', (_, response) => void response.end('plain'));
    const text = await rest(await rawClient(bed.port, head));
    expect(text).toMatch(/^HTTP\/1\.1 200 OK[^]*plain/);
  });

  it('no instance is a problem, and a client that leaves frees all', async () => {
    expect(await rest(await rawClient(bed.port, head))).toMatch(/^HTTP\/1\.1 503 [^]*problem\+json[^]*"no-instance"/);
    const program = await bed.addProgram('crm', 'db1', (_, response) => void response.end());
    const asked = once(program.server, 'upgrade');
    program.server.on('upgrade', (_, socket: Socket) => void socket.on('end', () => socket.destroy()).resume());
    const socket = await rawClient(bed.port, head);
    await asked;
    socket.end();
    while (bed.mesh.streamsOpen() > 0) await new Promise(setImmediate);
  });

  it('with a body is an ordinary request; of a page elsewhere it is refused', async () => {
    await addEcho();
    const withBody = head.replace('Upgrade: echo', 'Upgrade: echo\r\nContent-Length: 3');
    const answer = await until(await rawClient(bed.port, `${withBody}abc`), /plain/);
    expect(answer).toMatch(/^HTTP\/1\.1 426 /);
    bed.mesh.opens.length = 0;
    const foreign = head.replace('Upgrade: echo', 'Upgrade: echo\r\nOrigin: https://evil.example');
    expect(await rest(await rawClient(bed.port, foreign))).toMatch(/^HTTP\/1\.1 403 /);
    expect(bed.mesh.opens).toHaveLength(0);
  });
});
