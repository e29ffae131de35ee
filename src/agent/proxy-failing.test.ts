import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ProxyBed, proxyBed, textOf } from '../../test/agent/proxy-bed.ts';

let bed: ProxyBed;
beforeEach(async () => {
  bed = await proxyBed();
});
afterEach(() => bed.close());

async function ask(method: string, headers: Record<string, string> = {}) {
  const given = { host: 'crm.localhost', ...headers };
  const request = httpRequest({ host: '127.0.0.1', port: bed.port, method, agent: false, headers: given });
  request.end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return { status: response.statusCode, by: response.headers['fogata-instance'], text: await textOf(response) };
}

const program = (node: string, status: number, text: string) =>
  bed.addProgram('crm', node, (request, response) => {
    response.statusCode = status;
    response.end(text === 'headers' ? Object.keys(request.headers).join(' ') : text);
  });

describe('an instance whose program fails', () => {
  it.each([500, 502, 503])('%i: what can be done again is done at another', async (status) => {
    await program('db1', status, 'oh no');
    await program('db2', 200, 'well');
    expect(await ask('GET')).toMatchObject({ status: 200, by: 'crm@db2', text: 'well' });
    expect(bed.mesh.opens.map(({ avoid }) => avoid.length > 0)).toEqual([false, true]);
  });

  it.each([
    ['POST', 500],
    ['GET', 404],
    ['GET', 501],
  ])('%s answered by %i is answered by that', async (method, status) => {
    await program('db1', status, 'oh no');
    await program('db2', 200, 'well');
    expect(await ask(method)).toMatchObject({ status, by: 'crm@db1', text: 'oh no' });
  });

  it('where all fail the answer of the last is passed on', async () => {
    await program('db1', 500, 'oh no');
    await program('db2', 503, 'neither');
    expect(await ask('GET')).toMatchObject({ status: 503, by: 'crm@db2', text: 'neither' });
  });
});

describe('what a client wants of the choice', () => {
  it('goes by headers to the agent, and not on to the program', async () => {
    await program('db1', 200, 'headers');
    const headers = { 'fogata-sticky': 'ana', 'fogata-labels': 'version=2', 'fogata-strategy': 'sticky' };
    expect((await ask('GET', headers)).text).not.toMatch(/fogata-(sticky|labels|strategy)/);
    expect(bed.mesh.opens[0]).toMatchObject({
      to: { service: 'crm', labels: { version: '2' } },
      wish: { strategy: 'sticky', key: 'ana' },
    });
  });

  it.each([
    ['fogata-strategy', 'quickest'],
    ['fogata-strategy', 'sticky'],
    ['fogata-labels', 'version'],
    ['fogata-labels', 'a=1]@db1'],
    ['fogata-sticky', 'x'.repeat(256)],
  ])('%s: %s is refused', async (name, value) => {
    await program('db1', 200, 'well');
    expect((await ask('GET', { [name]: value })).status).toBe(400);
  });
});

describe('a program that closes a connection just as it is used again', () => {
  /** Answers the first request of each connection, and breaks off at the second. */
  async function closing(): Promise<{ readonly seen: string[] }> {
    const used = new Set<unknown>();
    const seen: string[] = [];
    await bed.addProgram('crm', 'db1', (request, response) => {
      seen.push(request.method ?? '');
      if (used.has(request.socket)) request.socket.destroy();
      else response.end('ok');
      used.add(request.socket);
    });
    expect(await ask('GET')).toMatchObject({ status: 200 });
    return { seen };
  }

  it('is asked once more on a new one, at the same instance', async () => {
    const { seen } = await closing();
    expect(await ask('GET')).toMatchObject({ status: 200, text: 'ok' });
    expect(seen).toEqual(['GET', 'GET', 'GET']);
    expect(bed.mesh.opens).toHaveLength(2);
  });

  it('is not asked again what may have been done', async () => {
    const { seen } = await closing();
    expect(await ask('POST')).toMatchObject({ status: 502 });
    expect(seen).toEqual(['GET', 'POST']);
  });
});
