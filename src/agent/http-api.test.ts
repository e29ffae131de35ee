import { type AddressInfo, connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createFakeNode,
  type FakeNode,
  fakeAnswer,
  fakeMessageId,
  fakeSettlement,
} from '../../test/agent/fake-node.ts';
import { silentLog } from '../runtime/log.ts';
import { memoryStorage } from '../runtime/memory-storage.ts';
import type { ByteStream } from '../runtime/streams.ts';
import { systemClock } from '../runtime/system-clock.ts';
import { systemRandom } from '../runtime/system-random.ts';
import { systemRuntime } from '../runtime/system-runtime.ts';
import { createAgentKeys } from './agent-keys.ts';
import type { AgentStatus } from './agent-status.ts';
import { createHttpApi } from './http-api.ts';
import { createHttpEndpoint, createHttpServer, type HttpEndpoint } from './http-endpoint.ts';
import type { LocalTargets } from './local-targets.ts';
import type { RuleRequests } from './rule-requests.ts';

let node: FakeNode;
let http: HttpEndpoint;
let origin: string;
let ofOwnUser = false;
let added: unknown[];
let programs: ByteStream[];

/** Rules that only note what they were told. */
const rules: RuleRequests = {
  send(where, service, change) {
    added.push([where, service, change]);
    return Promise.resolve({ service, node: where, state: 'up', drained: false, weight: 100, inFlight: 0 });
  },
};

/** No plain program is registered. */
const targets = { list: () => [], health: () => [] } as unknown as LocalTargets;

beforeEach(async () => {
  node = createFakeNode();
  ofOwnUser = false;
  added = [];
  programs = [];
  const clock = systemClock();
  const status = () => node.status() as AgentStatus;
  const runtime = systemRuntime({ storage: memoryStorage(), log: silentLog });
  const keys = createAgentKeys({ runtime, node, restartWith: () => undefined });
  const tools = { node, clock, random: systemRandom(), targets, status, keys, rules };
  const api = createHttpApi({ ...tools, isPrivate: () => ofOwnUser });
  const server = createHttpServer();
  http = createHttpEndpoint({ server, node, clock, api, onProgram: (stream) => void programs.push(stream) });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  http.destroy();
  await http.close();
});

const get = (path: string, headers: Record<string, string> = {}) => fetch(origin + path, { headers });
const post = (path: string, body?: string | Uint8Array, headers: Record<string, string> = {}) =>
  fetch(origin + path, { method: 'POST', headers, ...(body === undefined ? {} : { body }) });

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

async function exchanged(): Promise<FakeNode['exchanges'][number]> {
  await until(() => node.exchanges.length > 0);
  return node.exchanges[0] as FakeNode['exchanges'][number];
}

describe('the directory', () => {
  it('members, services, instances, status', async () => {
    expect(await (await get('/v1/nodes')).json()).toMatchObject({ cluster: 'fogata', posture: 'loopback' });
    expect(await (await get('/v1/services')).json()).toEqual({ services: [] });
    expect(await (await get('/v1/services/crm')).json()).toMatchObject({ name: 'crm', instances: [{ node: 'db1' }] });
    expect(await (await get('/v1/status')).json()).toMatchObject({ incarnation: 7 });
    expect(await (await get('/')).text()).toMatch(/node hq of cluster fogata/);
  });

  it.each([
    ['/v1/services/none', 404, 'no-instance'],
    ['/v1/services/Bad', 400, 'invalid'],
    ['/v1/nothing', 404, 'not-found'],
    ['/nothing', 404, 'not-found'],
  ])('%s is a problem', async (path, status, code) => {
    const response = await get(path);
    expect([response.status, response.headers.get('content-type')]).toEqual([status, 'application/problem+json']);
    expect(await response.json()).toMatchObject({ status, code });
  });
});

describe('messages', () => {
  it('a call carries query, body and headers, and answers with the outcome', async () => {
    const headers = {
      'content-type': 'application/json',
      'fogata-deadline-ms': '500',
      'fogata-idempotent': 'true',
      'fogata-from': 'erp',
    };
    const response = post('/v1/call/crm@db1/leads/new?a=b&c=%26', '{"x":1}', headers);
    const { request, settle } = await exchanged();
    expect(request).toMatchObject({
      to: { service: 'crm', node: 'db1' },
      command: 'leads/new',
      params: { a: 'b', c: '&' },
      bodyKind: 'json',
      deadlineMs: 500,
      idempotent: true,
      fromService: 'erp',
      replyWanted: true,
    });
    settle(fakeAnswer('hello'));
    expect((await response).status).toBe(200);
    expect(await (await response).json()).toMatchObject({
      outcome: 'answered',
      instance: { service: 'crm', node: 'db1' },
      reply: { params: {}, body: 'hello' },
      elapsedMs: 1.5,
    });
  });

  it('bytes of a reply are base64, or the body itself with raw=1', async () => {
    const bytes = { ...fakeAnswer(''), bodyKind: 'bytes', body: new Uint8Array([0, 255]), params: { p: 'ü' } } as const;
    const asJson = post('/v1/call/crm/get');
    (await exchanged()).settle(bytes);
    expect(await (await asJson).json()).toMatchObject({ reply: { body: { base64: 'AP8=' } } });
    node.exchanges.length = 0;
    const raw = post('/v1/call/crm/get?raw=1&q=1');
    const { request, settle } = await exchanged();
    expect(request.params).toEqual({ q: '1' });
    settle(bytes);
    const response = await raw;
    expect(response.headers.get('content-type')).toBe('application/octet-stream');
    expect(response.headers.get('fogata-instance')).toBe('crm@db1');
    expect(Buffer.from(response.headers.get('fogata-param-p') ?? '', 'latin1').toString()).toBe('ü');
    expect(Buffer.from(await response.arrayBuffer())).toEqual(Buffer.from([0, 255]));
  });

  it.each([
    ['refused', 'no-instance', 503],
    ['refused', 'unreachable', 502],
    ['refused', 'unknown-command', 404],
    ['refused', 'not-allowed', 403],
    ['refused', 'too-large', 413],
    ['refused', 'failed', 502],
    ['expired', 'deadline', 504],
    ['unknown', 'link-lost', 502],
  ] as const)('%s(%s) is %i, and with raw=1 a problem', async (outcome, code, status) => {
    const plain = post('/v1/send/crm/set');
    (await exchanged()).settle(fakeSettlement({ outcome, code }));
    expect((await plain).status).toBe(status);
    expect(await (await plain).json()).toMatchObject({ outcome, code, tried: [] });
    node.exchanges.length = 0;
    const raw = post('/v1/send/crm/set?raw=1');
    (await exchanged()).settle(fakeSettlement({ outcome, code }));
    expect((await raw).headers.get('content-type')).toBe('application/problem+json');
    expect(await (await raw).json()).toMatchObject({ status, outcome, code });
  });

  it('publish tells of every instance', async () => {
    const response = post('/v1/publish/crm/news', 'text', { 'content-type': 'text/plain' });
    await until(() => node.publishes.length > 0);
    expect(node.publishes[0]?.request).toMatchObject({ to: { service: 'crm', node: '*' }, bodyKind: 'text' });
    const instances = [{ service: 'crm', node: 'a', outcome: 'delivered' }] as const;
    node.publishes[0]?.settle({ id: fakeMessageId, elapsedMs: 1, instances, isDelivered: true });
    expect(await (await response).json()).toMatchObject({ outcome: 'delivered', instances: [{ node: 'a' }] });
  });

  it.each([
    ['/v1/call/Bad/get', {}, undefined, 400],
    ['/v1/call/crm@*/get', {}, undefined, 400],
    ['/v1/call/crm/ge%20t', {}, undefined, 400],
    ['/v1/call/crm/get?a=1&a=2', {}, undefined, 400],
    ['/v1/call/crm/get', { 'fogata-deadline-ms': 'soon' }, undefined, 400],
    ['/v1/call/crm/get', { 'fogata-deadline-ms': '0' }, undefined, 400],
    ['/v1/call/crm/get', { 'fogata-idempotent': 'perhaps' }, undefined, 400],
    ['/v1/call/crm/get', { 'content-type': 'application/json' }, '{', 400],
    ['/v1/call/crm/get', {}, new Uint8Array(1_048_577), 413],
  ] as const)('%s %j is refused', async (path, headers, body, status) => {
    const response = await post(path, body, headers);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(node.exchanges).toEqual([]);
  });

  it('takes the largest body', async () => {
    const response = post('/v1/call/crm/get', new Uint8Array(1_048_576));
    const { request, settle } = await exchanged();
    expect(request.body.length).toBe(1_048_576);
    settle(fakeAnswer(''));
    expect((await response).status).toBe(200);
  });

  it('who goes away gives up', async () => {
    const abort = new AbortController();
    const response = fetch(`${origin}/v1/call/crm/get`, { method: 'POST', signal: abort.signal });
    const exchange = await exchanged();
    abort.abort();
    await expect(response).rejects.toThrow();
    await until(() => exchange.cancelled);
  });
});

/** Reads server-sent events one by one. */
async function* eventsOf(response: Response): AsyncGenerator<{ event: string; data: unknown }> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true });
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const event = /^event: (.*)\ndata: (.*)$/.exec(text.slice(0, end));
      text = text.slice(end + 2);
      if (event) yield { event: event[1] ?? '', data: JSON.parse(event[2] ?? '') as unknown };
    }
  }
}

describe('events', () => {
  it('watch tells what there is and what changes, until the reader goes', async () => {
    const abort = new AbortController();
    const events = eventsOf(await fetch(`${origin}/v1/watch`, { signal: abort.signal }));
    expect((await events.next()).value).toEqual({ event: 'ready', data: { type: 'ready' } });
    abort.abort();
    await until(() => node.listeners.size === 0);
  });

  it('a reader that does not read is cut off', async () => {
    const socket = connect(Number(new URL(origin).port), '127.0.0.1');
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.on('error', () => undefined);
    socket.write('GET /v1/watch HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await until(() => node.listeners.size === 1);
    socket.pause();
    const instance = { node: 'x'.repeat(100_000), state: 'up', load: 0, weight: 1, labels: {} } as const;
    for (let i = 0; i < 2_000 && node.listeners.size > 0; i++) {
      for (const listener of node.listeners) listener({ type: 'instance-up', service: 'crm', instance });
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(node.listeners.size).toBe(0);
    socket.resume();
    await closed;
  });

  it('is not become by HEAD, whose answer nobody reads', async () => {
    for (const path of ['/v1/listen/notes', '/v1/watch']) {
      const response = await fetch(origin + path, { method: 'HEAD' });
      expect(response.headers.get('content-type')).toBe('text/event-stream');
    }
    expect(node.provisions).toEqual([]);
    expect(node.listeners.size).toBe(0);
  });

  it('a listener gets messages and replies by its token', async () => {
    const abort = new AbortController();
    const events = eventsOf(await fetch(`${origin}/v1/listen/notes?weight=7`, { signal: abort.signal }));
    await until(() => node.provisions.length === 1);
    expect(node.provisions[0]).toMatchObject({ service: 'notes', options: { weight: 7 } });
    const call = post('/v1/call/notes/add?k=v', '[1]', { 'content-type': 'application/json' });
    const { event, data } = (await events.next()).value as { event: string; data: Record<string, unknown> };
    expect([event, data['type']]).toEqual(['message', 'message']);
    expect(data).toMatchObject({ service: 'notes', command: 'add', params: { k: 'v' }, body: [1], replyWanted: true });
    const token = String(data['token']);
    expect((await post(`/v1/reply/${token}?p=q`, 'done', { 'content-type': 'text/plain' })).status).toBe(204);
    expect(await (await call).json()).toMatchObject({
      outcome: 'answered',
      reply: { params: { p: 'q' }, body: 'done' },
    });
    expect((await post(`/v1/reply/${token}`)).status).toBe(404);

    const refused = post('/v1/call/notes/add');
    const second = (await events.next()).value as { data: Record<string, unknown> };
    await post(`/v1/reply/${String(second.data['token'])}`, undefined, {
      'fogata-code': 'not-allowed',
      'fogata-reason': 'no',
    });
    expect(await (await refused).json()).toMatchObject({ outcome: 'refused', code: 'not-allowed', reason: 'no' });

    expect(await (await post('/v1/send/notes/add')).json()).toMatchObject({ outcome: 'delivered' });
    const lost = post('/v1/call/notes/add');
    await events.next();
    await events.next();
    abort.abort();
    expect(await (await lost).json()).toMatchObject({ outcome: 'unknown', code: 'link-lost' });
    expect(node.provisions[0]?.withdrawn).toBe(true);
  });
});

describe('who may not', () => {
  it.each([
    ['a foreign page', { origin: 'https://evil.example' }],
    ['a page without a home', { origin: 'null' }],
    ['a page of another site', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }],
  ])('%s', async (_, headers) => {
    const response = await get('/v1/nodes', headers);
    expect(response.status).toBe(403);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
  });

  it('who calls this host by a foreign name', async () => {
    const text = await raw('GET /v1/nodes HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n');
    expect(text).toMatch(/^HTTP\/1\.1 421 /);
  });

  it('a page of this host may', async () => {
    expect((await get('/v1/nodes', { origin: 'http://localhost:3000' })).status).toBe(200);
  });
});

/** Sends bytes as they are and reads until the other side ends. */
function raw(bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(origin).port), '127.0.0.1', () => socket.write(bytes));
    let text = '';
    socket.on('data', (chunk) => (text += chunk.toString('latin1')));
    socket.on('close', () => resolve(text));
  });
}

describe('an upgrade', () => {
  it('of /v1/link becomes a program’s stream, with what came along', async () => {
    const socket = connect(Number(new URL(origin).port), '127.0.0.1');
    const head = 'GET /v1/link HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: fogata\r\n\r\n';
    socket.write(Buffer.concat([Buffer.from(head), Buffer.from([1, 2, 3])]));
    const answer = await new Promise<Buffer>((resolve) => socket.once('data', resolve));
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 101 /);
    expect(programs).toHaveLength(1);
    socket.destroy();
  });

  it('to anything else is ignored: the answer is an ordinary one', async () => {
    const head = 'Host: localhost\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n';
    expect(await raw(`GET /v1/link HTTP/1.1\r\n${head}`)).toMatch(/^HTTP\/1\.1 404 [^]*problem\+json/);
    expect(await raw(`GET /v1/status HTTP/1.1\r\n${head}`)).toMatch(/^HTTP\/1\.1 200 /);
    expect(programs).toEqual([]);
  });
});

it('maintenance of an instance is for the agent’s own user', async () => {
  const at = '/v1/services/crm/instances/db1';
  const patch = (body: string) => fetch(origin + at, { method: 'PATCH', body });
  expect((await patch('{"drained":true}')).status).toBe(403);
  expect((await get(at)).status).toBe(403);
  ofOwnUser = true;
  expect(await (await patch('{"drained":true,"weight":20}')).json()).toMatchObject({ node: 'db1', service: 'crm' });
  expect((await patch('{"weight":1001}')).status).toBe(400);
  expect((await get(at)).status).toBe(200);
  expect(added).toEqual([
    ['db1', 'crm', { drained: true, weight: 20 }],
    ['db1', 'crm', {}],
  ]);
});

it('the OpenAPI document names every route and resolves in itself', async () => {
  const document = (await (await get('/v1/openapi.json')).json()) as {
    openapi: string;
    paths: Record<string, Record<string, { parameters?: { in: string; name: string }[] }>>;
  };
  expect(document.openapi).toBe('3.1.0');
  expect(Object.keys(document.paths).sort()).toEqual([
    '/v1/bench/{node}',
    '/v1/call/{address}/{command}',
    '/v1/checks',
    '/v1/keys',
    '/v1/keys/add',
    '/v1/keys/init',
    '/v1/keys/invite',
    '/v1/keys/join',
    '/v1/keys/remove',
    '/v1/keys/use',
    '/v1/listen/{service}',
    '/v1/nodes',
    '/v1/publish/{address}/{command}',
    '/v1/register',
    '/v1/register/{service}',
    '/v1/register/{service}/heartbeat',
    '/v1/register/{service}/load',
    '/v1/reply/{token}',
    '/v1/resolve/{address}',
    '/v1/send/{address}/{command}',
    '/v1/services',
    '/v1/services/{name}',
    '/v1/services/{service}/instances/{node}',
    '/v1/status',
    '/v1/watch',
  ]);
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const { parameters = [] } of Object.values(methods)) {
      const declared = parameters.filter((each) => each.in === 'path').map(({ name }) => name);
      const named = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
      expect(new Set(declared), path).toEqual(new Set(named));
    }
  }
  const text = JSON.stringify(document);
  for (const [, name] of text.matchAll(/#\/components\/schemas\/(\w+)/g)) expect(text).toContain(`"${name}":{`);
});
