import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { listen } from '../../test/agent/proxy-bed.ts';
import type { Delivery, DeliveryReply } from '../delivery/provider.ts';
import type { BodyKind } from '../protocol/body.ts';
import type { MessageId } from '../protocol/ids.ts';
import { type HttpTarget, httpTarget } from './http-target.ts';
import { targetLocation } from './target-location.ts';

let server: Server;
let target: HttpTarget;
let loads: number[];
let refusals: number;
afterEach(() => {
  target.close();
  server.close();
  server.closeAllConnections();
});

async function serve(listener: RequestListener, deliverTo: 'command' | 'exact' = 'command', path = ''): Promise<void> {
  loads = [];
  refusals = 0;
  server = createServer(listener);
  const port = await listen(server);
  target = httpTarget({
    location: targetLocation(`http://127.0.0.1:${port}${path}`),
    deliverTo,
    onLoad: (load) => void loads.push(load),
    onRefused: () => void (refusals += 1),
  });
}

function delivery(
  facts: Partial<Delivery> & { command?: string; params?: Record<string, string>; kind?: BodyKind } = {},
): Delivery {
  const { command = 'leads.add', params = {}, kind = 'none', ...more } = facts;
  return {
    head: {
      ...{ id: 'a'.repeat(32) as MessageId, bodyKind: kind, attempt: 0, service: 'crm', node: '', command, params },
      ...{ fromService: 'erp', fromNode: 'db2' },
    },
    ...{ body: new Uint8Array(0), replyWanted: true, idempotent: false, deadlineMs: 5_000.7, ...more },
  };
}

const deliver = (what: Delivery): Promise<DeliveryReply> => new Promise((resolve) => target.deliver(what, resolve));

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const tell: RequestListener = (request, response) => void tellAll(request, response);

async function tellAll(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = '';
  for await (const chunk of request) body += (chunk as Buffer).toString();
  const { method, url, headers } = request;
  response.setHeader('content-type', 'application/json; charset=utf-8');
  response.setHeader('fogata-load', '0.5');
  response.setHeader('Fogata-Param-Mood', Buffer.from('caf\u00e9').toString('latin1'));
  // As bytes: what is text takes the header's encoding with it.
  response.end(Buffer.from(JSON.stringify({ method, url, headers, body })));
}

describe('a message to a program', () => {
  it('is a POST that says what it is', async () => {
    await serve(tell);
    const reply = await deliver(
      delivery({ params: { a: '1 &', b: '\u00e9' }, kind: 'json', body: Buffer.from('{"x":1}') }),
    );
    expect(reply).toMatchObject({
      outcome: 'answered',
      code: undefined,
      bodyKind: 'json',
      params: { mood: 'caf\u00e9' },
    });
    const seen = JSON.parse(Buffer.from(reply.body).toString()) as Seen;
    expect(seen).toMatchObject({ method: 'POST', url: '/leads.add?a=1+%26&b=%C3%A9', body: '{"x":1}' });
    expect(seen.headers).toMatchObject({
      ...{ 'content-type': 'application/json', 'fogata-id': 'a'.repeat(32), 'fogata-command': 'leads.add' },
      ...{ 'fogata-from': 'erp@db2', 'fogata-service': 'crm', 'fogata-deadline-ms': '5000' },
    });
    expect(loads).toEqual([0.5]);
  });

  it('to a delivery URL goes there and nowhere else', async () => {
    await serve(tell, 'exact', '/hook/in');
    const reply = await deliver(delivery({ params: { a: '1' }, kind: 'text', body: Buffer.from('hi') }));
    const seen = JSON.parse(Buffer.from(reply.body).toString()) as Seen;
    expect(seen.url).toBe('/hook/in?a=1');
    expect(seen.headers['content-type']).toBe('text/plain; charset=utf-8');
  });

  it('one way is delivered', async () => {
    await serve(tell);
    expect(await deliver(delivery({ replyWanted: false }))).toMatchObject({ outcome: 'delivered', bodyKind: 'none' });
  });

  it.each(['../admin', 'a/../../b', '.', 'a/./b'])('%s leads nowhere', async (command) => {
    await serve(tell, 'command', '/api');
    expect(await deliver(delivery({ command }))).toMatchObject({ outcome: 'refused', code: 'not-allowed' });
  });

  it.each([
    [200, 'text/plain', 'hi', 'text'],
    [201, 'application/problem+json', '{}', 'json'],
    [200, 'application/json', '{', 'bytes'],
    [200, 'image/png', 'hi', 'bytes'],
    [204, 'text/plain', '', 'none'],
  ])('%i with %s', async (status, type, body, bodyKind) => {
    await serve((_, response) => void response.writeHead(status, { 'content-type': type }).end(body));
    const reply = await deliver(delivery());
    expect(reply).toMatchObject({ outcome: 'answered', bodyKind });
    expect(Buffer.from(reply.body).toString()).toBe(body);
  });

  it.each([
    [429, 'busy'],
    [503, 'busy'],
    [404, 'unknown-command'],
    [501, 'unknown-command'],
    [400, 'failed'],
    [500, 'failed'],
    [302, 'failed'],
  ])('%i is refused(%s)', async (status, code) => {
    await serve((_, response) => void response.writeHead(status).end('no'));
    const reply = await deliver(delivery());
    expect(reply).toMatchObject({ outcome: 'refused', code });
    expect(reply.reason).toContain(`${status}`);
  });

  it.each([
    [1_048_576, 'answered'],
    [1_048_577, 'refused'],
  ])('a reply of %i bytes: %s', async (bytes, outcome) => {
    await serve((_, response) => void response.end(Buffer.alloc(bytes)));
    expect(await deliver(delivery())).toMatchObject({ outcome, code: outcome === 'refused' ? 'too-large' : undefined });
  });

  it('nobody listens: refused(unreachable); broken off: unknown', async () => {
    await serve((request) => void request.socket.destroy());
    expect(await deliver(delivery())).toMatchObject({ outcome: 'unknown', code: 'link-lost' });
    expect(refusals).toBe(0);
    server.close();
    server.closeAllConnections();
    expect(await deliver(delivery())).toMatchObject({ outcome: 'refused', code: 'unreachable' });
    expect(refusals).toBe(1);
  });

  it('broken off in its reply: unknown', async () => {
    await serve((_, response) => {
      response.writeHead(200, { 'content-length': 10 });
      response.write('half', () => response.destroy());
    });
    expect(await deliver(delivery())).toMatchObject({ outcome: 'unknown', code: 'link-lost' });
  });

  it('answered by a switch of protocols that nobody asked for: unknown, at once', async () => {
    await serve(
      (request) =>
        void request.socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
    );
    expect(await deliver(delivery())).toMatchObject({ outcome: 'unknown', code: 'link-lost' });
  });

  it('given up before the program is reached: nobody has refused anything', async () => {
    await serve(tell);
    const giveUp = target.deliver(delivery(), () => expect.fail('nobody waits for it'));
    giveUp();
    expect(await deliver(delivery())).toMatchObject({ outcome: 'answered' });
    expect(refusals).toBe(0);
  });

  it('given up: the program is told, and nobody else', async () => {
    let asked!: () => void;
    const asking = new Promise<void>((resolve) => (asked = resolve));
    let gone!: () => void;
    const going = new Promise<void>((resolve) => (gone = resolve));
    await serve((_, response) => {
      response.on('close', gone);
      asked();
    });
    let replies = 0;
    const giveUp = target.deliver(delivery(), () => void (replies += 1));
    await asking;
    giveUp();
    await going;
    expect(replies).toBe(0);
  });
});
