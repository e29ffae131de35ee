import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type InformationEvent, type ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ProxyBed, proxyBed, rawClient, rest, textOf, until } from '../../test/agent/proxy-bed.ts';
import { interimMax } from './answer-parts.ts';

let bed: ProxyBed;
beforeEach(async () => {
  bed = await proxyBed();
});
afterEach(() => bed.close());

/** Asks the service, and what came before the answer and after it. */
async function ask(method = 'GET', headers: Record<string, string> = {}) {
  const interims: InformationEvent[] = [];
  const request = httpRequest({
    host: '127.0.0.1',
    port: bed.port,
    method,
    agent: false,
    headers: { host: 'crm.localhost', ...headers },
  });
  request.on('information', (interim) => interims.push(interim));
  request.end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const text = await textOf(response);
  return { interims, response, text, trailers: response.rawTrailers };
}

const program = (node: string, listener: (request: IncomingMessage, response: ServerResponse) => Promise<void>) =>
  bed.addProgram('crm', node, (request, response) => void listener(request, response));

const hint = { link: '</style.css>; rel=preload; as=style', 'x-more': 'é' };
const hinted = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => response.writeEarlyHints(hint, () => resolve()));

describe('interim answers (RFC 9110, 15.2)', () => {
  it('103 Early Hints come before the answer is there', async () => {
    let answer = (): void => undefined;
    await bed.addProgram('crm', 'a', (_, response) => {
      void hinted(response);
      answer = () => void response.end('done');
    });
    const request = httpRequest({
      host: '127.0.0.1',
      port: bed.port,
      agent: false,
      headers: { host: 'crm.localhost' },
    });
    request.end();
    const [interim] = (await once(request, 'information')) as [InformationEvent];
    expect(interim).toMatchObject({ statusCode: 103, statusMessage: 'Early Hints' });
    expect(interim.headers).toMatchObject({ link: hint.link, via: '1.1 fogata' });
    answer();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(200);
    expect(response.headers['fogata-instance']).toBe('crm@a');
    expect(await textOf(response)).toBe('done');
  });

  it('several, with a large body behind them', async () => {
    const body = 'x'.repeat(300_000);
    await program('a', async (_, response) => {
      response.writeProcessing();
      await hinted(response);
      await hinted(response);
      response.setHeader('content-length', body.length);
      response.end(body);
    });
    const { interims, text } = await ask();
    expect(interims.map(({ statusCode }) => statusCode)).toEqual([102, 103, 103]);
    expect(text).toBe(body);
  });

  it('a POST that waits for 100 gets one, and then the hints', async () => {
    await program('a', async (request, response) => {
      await hinted(response);
      response.end(await textOf(request));
    });
    const head =
      'POST / HTTP/1.1\r\nHost: crm.localhost\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n';
    const client = await rawClient(bed.port, head);
    const before = await until(client, /100 Continue/);
    const rested = rest(client);
    client.write('hi');
    const said = before + (await rested);
    expect(said.match(/^HTTP\/1\.1 \d+/gm)).toEqual(['HTTP/1.1 100', 'HTTP/1.1 103', 'HTTP/1.1 200']);
    expect(said.endsWith('\r\n\r\nhi')).toBe(true);
  });

  it('none to HTTP/1.0, which knows none', async () => {
    await program('a', async (_, response) => {
      await hinted(response);
      response.end('done');
    });
    const said = await rest(await rawClient(bed.port, 'GET / HTTP/1.0\r\nHost: crm.localhost\r\n\r\n'));
    expect(said.match(/^HTTP\/1\.[01] \d+/gm)).toEqual(['HTTP/1.1 200']);
    expect(said.endsWith('done')).toBe(true);
  });

  it(`more than ${interimMax} are left out`, async () => {
    await program('a', async (_, response) => {
      for (let i = 0; i <= interimMax; i += 1) await hinted(response);
      response.end('done');
    });
    const { interims, text } = await ask();
    expect(interims).toHaveLength(interimMax);
    expect(text).toBe('done');
  });

  it('decide nothing: one that dies after its hints is tried elsewhere', async () => {
    await program('a', async (request, response) => {
      await hinted(response);
      request.socket.destroy();
    });
    await bed.addProgram('crm', 'b', (_, response) => void response.end('from b'));
    const { interims, text, response } = await ask();
    expect(interims).toHaveLength(1);
    expect({ text, by: response.headers['fogata-instance'] }).toEqual({ text: 'from b', by: 'crm@b' });
  });

  it('do not lengthen the deadline', async () => {
    await bed.addProgram('crm', 'a', (_, response) => void hinted(response));
    const { interims, response } = await ask('GET', { 'fogata-deadline-ms': '150' });
    expect(interims).toHaveLength(1);
    expect(response.statusCode).toBe(504);
  });
});

describe('trailers', () => {
  it('that are announced come after the body', async () => {
    await bed.addProgram('crm', 'a', (_, response) => {
      response.writeHead(200, { trailer: 'checksum, x-took' });
      response.write('one');
      response.write('two');
      response.addTrailers([
        ['Checksum', 'abc'],
        ['X-Took', '7'],
        ['Location', '/'],
        ['Set-Cookie', 'a=b'],
      ]);
      response.end();
    });
    const { text, trailers } = await ask();
    expect(text).toBe('onetwo');
    expect(trailers).toEqual(['Checksum', 'abc', 'X-Took', '7']);
  });

  it('that are announced and do not come are no fault', async () => {
    await bed.addProgram('crm', 'a', (_, response) => {
      response.writeHead(200, { trailer: 'checksum' });
      response.end('body');
    });
    expect(await ask()).toMatchObject({ text: 'body', trailers: [] });
  });

  it('are left out for HTTP/1.0, which has no chunks', async () => {
    await bed.addProgram('crm', 'a', (_, response) => {
      response.writeHead(200, { trailer: 'checksum' });
      response.write('body');
      response.addTrailers({ checksum: 'abc' });
      response.end();
    });
    const said = await rest(await rawClient(bed.port, 'GET / HTTP/1.0\r\nHost: crm.localhost\r\n\r\n'));
    expect(said.split('\r\n\r\n')[1]).toBe('body');
  });

  it('a large body in parts is whole', async () => {
    const body = Buffer.alloc(1_000_003, 'abcdefg');
    await bed.addProgram('crm', 'a', (_, response) => {
      response.writeHead(200, { trailer: 'checksum' });
      response.write(body);
      response.addTrailers({ checksum: 'abc' });
      response.end();
    });
    const { text, trailers } = await ask();
    expect(text).toBe(body.toString());
    expect(trailers).toEqual(['checksum', 'abc']);
  });
});
