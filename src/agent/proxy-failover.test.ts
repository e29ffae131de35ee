import { once } from 'node:events';
import { Agent, request as httpRequest, type IncomingMessage, type RequestListener } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ProxyBed, proxyBed, textOf } from '../../test/agent/proxy-bed.ts';
import { deafEvents } from '../delivery/deaf-events.ts';
import type { AcceptedStream, StreamEvents } from '../delivery/mesh-stream.ts';
import type { ErrorCode } from '../protocol/error-code.ts';
import { encodeHead } from './http-head.ts';

let bed: ProxyBed;
beforeEach(async () => {
  bed = await proxyBed();
});
afterEach(() => bed.close());

async function ask(method: string, body: string | Buffer = '', headers: Record<string, string> = {}, agent?: Agent) {
  const length = body.length === 0 ? {} : { 'content-length': `${body.length}` };
  const request = httpRequest({
    ...{ host: '127.0.0.1', port: bed.port, method, agent: agent ?? false },
    headers: { host: 'crm.localhost', ...length, ...headers },
  });
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const text = await textOf(response);
  const isProblem = response.headers['content-type'] === 'application/problem+json';
  const problem = isProblem ? (JSON.parse(text) as Record<string, unknown>) : {};
  return { status: response.statusCode, by: response.headers['fogata-instance'], text, problem };
}

const echo: RequestListener = (request, response) => void request.pipe(response);
const hangUp: RequestListener = (request, response) => void request.on('end', () => response.destroy()).resume();

/** An instance that does as it is told. */
function addFake(node: string, open: (stream: AcceptedStream) => void): void {
  const provider = {
    deliver: () => () => undefined,
    open(stream: AcceptedStream): StreamEvents {
      setImmediate(() => open(stream));
      return deafEvents;
    },
  };
  bed.mesh.instances.set('crm', [...(bed.mesh.instances.get('crm') ?? []), { node, provider }]);
}

const answer = (stream: AcceptedStream, headers: string[], status = 200): void =>
  stream.accept({ params: {}, bodyKind: 'json', body: encodeHead({ status, reason: 'OK', headers }) });

describe('a dead program', () => {
  it.each(['GET', 'POST'])('%s goes to the next: a refused connection has done nothing', async (method) => {
    const dead = await bed.addProgram('crm', 'db1', echo);
    await bed.addProgram('crm', 'db2', echo);
    await dead.kill();
    const body = method === 'GET' ? '' : 'x'.repeat(200_000);
    expect(await ask(method, body)).toMatchObject({ status: 200, by: 'crm@db2', text: body });
    expect(bed.mesh.opens.map((open) => open.avoid)).toEqual([[], ['db1']]);
    expect(dead.refusals()).toBe(1);
  });

  it('none left: 502, and each attempt is told', async () => {
    const dead = await bed.addProgram('crm', 'db1', echo);
    await dead.kill();
    const { status, problem } = await ask('GET');
    expect(status).toBe(502);
    expect(problem).toMatchObject({ type: 'about:blank', title: 'Bad Gateway', status: 502 });
    expect(problem).toMatchObject({ code: 'unreachable', outcome: 'refused', service: 'crm' });
    expect(problem['tried']).toHaveLength(4);
    const tried = {
      service: 'crm',
      node: 'db1',
      code: 'unreachable',
      reason: 'the program is not reached (ECONNREFUSED)',
    };
    expect((problem['tried'] as object[])[0]).toEqual(tried);
  });

  it('no instance: 503', async () => {
    const { status, problem } = await ask('GET');
    expect(status).toBe(503);
    expect(problem).toMatchObject({ code: 'no-instance', outcome: 'refused', service: 'crm', tried: [] });
  });
});

describe('a program that breaks off before its answer', () => {
  it.each([
    ['GET', '', {}, 200],
    ['PUT', 'small', {}, 200],
    ['DELETE', '', {}, 200],
    ['PUT', 'x'.repeat(65_536), {}, 200],
    ['PUT', 'x'.repeat(65_537), {}, 502],
    ['POST', 'small', {}, 502],
    ['POST', '', {}, 502],
    ['POST', 'small', { 'idempotency-key': 'a' }, 200],
    ['POST', 'small', { 'fogata-idempotent': '1' }, 200],
  ])('%s with a body of %.5s… %o: %i', async (method, body, headers, status) => {
    await bed.addProgram('crm', 'db1', hangUp);
    await bed.addProgram('crm', 'db2', echo);
    const result = await ask(method, body, headers);
    expect(result.status).toBe(status);
    if (status === 200) expect(result).toMatchObject({ by: 'crm@db2', text: body });
    else expect(result.problem).toMatchObject({ code: 'link-lost', outcome: 'unknown', tried: [{ node: 'db1' }] });
  });

  it('its agent dies: the same', async () => {
    await bed.addProgram('crm', 'db1', () => bed.mesh.kill('db1'));
    await bed.addProgram('crm', 'db2', echo);
    expect(await ask('GET')).toMatchObject({ status: 200, by: 'crm@db2' });
    expect(await ask('POST', 'x')).toMatchObject({ status: 502 });
  });

  it('in the midst of a small answer: nothing of it was passed on', async () => {
    addFake('db1', (stream) => {
      answer(stream, ['content-length', '10']);
      stream.write(Buffer.from('half'));
      setImmediate(() => stream.reset('link-lost', 'cut off'));
    });
    await bed.addProgram('crm', 'db2', (_, response) => void response.end('whole'));
    expect(await ask('GET')).toMatchObject({ status: 200, by: 'crm@db2', text: 'whole' });
  });

  it('a kept connection that has died is no attempt of its own', async () => {
    let isStale = false;
    const program = await bed.addProgram('crm', 'db1', (_, response) => void response.end('ok'));
    // Ends a connection just when it is used again, as a server does whose keep-alive time has passed.
    program.server.prependListener('request', (request) => {
      if (isStale) request.socket.destroy();
      isStale = false;
    });
    expect((await ask('GET')).text).toBe('ok');
    isStale = true;
    expect((await ask('GET')).text).toBe('ok');
    expect(bed.mesh.opens).toHaveLength(2);
  });
});

describe('an instance that refuses or says nonsense', () => {
  it.each<[ErrorCode, number, string, number]>([
    ['busy', 503, 'refused', 4],
    ['draining', 503, 'refused', 4],
    ['not-allowed', 403, 'refused', 1],
    ['too-large', 413, 'refused', 1],
    ['invalid', 400, 'refused', 1],
    ['failed', 502, 'refused', 4],
    ['unknown-command', 502, 'refused', 4],
    ['incompatible', 502, 'refused', 4],
  ])('%s: %i', async (code, status, outcome, attempts) => {
    addFake('db1', (stream) => stream.reset(code, 'because'));
    const result = await ask('GET');
    expect(result.status).toBe(status);
    expect(result.problem).toMatchObject({ code, outcome, detail: 'because' });
    expect(bed.mesh.opens).toHaveLength(attempts);
  });

  it.each([
    ['no JSON', (stream: AcceptedStream) => stream.accept({ params: {}, bodyKind: 'json', body: Buffer.from('{') })],
    ['a header with a line feed', (stream: AcceptedStream) => answer(stream, ['x', 'a\r\nb: c'])],
    ['a name that is none', (stream: AcceptedStream) => answer(stream, ['a b', 'c'])],
    ['two lengths', (stream: AcceptedStream) => answer(stream, ['content-length', '1', 'Content-Length', '2'])],
    ['a status that is none', (stream: AcceptedStream) => answer(stream, [], 99)],
    ['100', (stream: AcceptedStream) => answer(stream, [], 100)],
    ['a switch nobody asked for', (stream: AcceptedStream) => answer(stream, [], 101)],
  ])('%s: 502, and the connection is not spoilt', async (_, open) => {
    addFake('db1', open);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    expect(await ask('POST', 'x', {}, agent)).toMatchObject({ status: 502, problem: { code: 'protocol' } });
    expect(await ask('GET', '', {}, agent)).toMatchObject({ status: 502, problem: { code: 'protocol' } });
    agent.destroy();
  });

  it('more than it announced never reaches the client', async () => {
    addFake('db1', (stream) => {
      answer(stream, ['content-length', '2']);
      stream.write(Buffer.from('ok'));
      stream.write(Buffer.from('HTTP/1.1 200 OK\r\n\r\n'));
    });
    expect(await ask('GET')).toMatchObject({ status: 200, text: 'ok' });
    while (bed.mesh.streamsOpen() > 0) await new Promise(setImmediate);
  });
});

describe('the deadline', () => {
  it.each([
    ['GET', 'expired'],
    ['POST', 'unknown'],
  ])('%s: 504, %s', async (method, outcome) => {
    await bed.addProgram('crm', 'db1', () => undefined);
    const result = await ask(method, '', { 'fogata-deadline-ms': '30' });
    expect(result.status).toBe(504);
    expect(result.problem).toMatchObject({ code: 'deadline', outcome, service: 'crm', tried: [{ node: 'db1' }] });
  });

  it.each(['0', '-1', 'soon', '1e3', '86400001'])('%s is none', async (text) => {
    expect(await ask('GET', '', { 'fogata-deadline-ms': text })).toMatchObject({ status: 400 });
  });

  it('is over once the head has come', async () => {
    await bed.addProgram('crm', 'db1', (_, response) => {
      response.flushHeaders();
      AbortSignal.timeout(60).addEventListener('abort', () => response.end('late'));
    });
    expect(await ask('GET', '', { 'fogata-deadline-ms': '40' })).toMatchObject({ status: 200, text: 'late' });
  });
});
